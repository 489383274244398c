// SPDX-License-Identifier: Apache-2.0
// The progress line.
#include "core/progress_line.h"

#include "core/text.h"

namespace undine {

namespace {

/// "01:23", or "2:01:23".
void append_time(std::string& line, std::uint64_t seconds) {
  if (seconds >= 3600) append(line, {seconds / 3600, ':'});
  append(line, {padded(seconds / 60 % 60, 2), ':', padded(seconds % 60, 2)});
}

std::uint64_t rate(std::uint64_t bytes, Duration time) { return bytes * 1000 / (time.ms != 0 ? time.ms : 1); }

}  // namespace

void ProgressLine::update(Instant now, const Progress& progress) {
  const std::uint64_t done = progress.done_bytes;
  // Before the first byte only the seconds change.
  const Duration redrawn = done == 0 ? 1_s : redrawn_every;
  if (what_.empty() || now < begun_ + appears_after || (width_ != 0 && now < drawn_ + redrawn)) return;
  // A transfer that began again has fewer bytes than before.
  const std::uint64_t fresh = done > drawn_bytes_ ? done - drawn_bytes_ : 0;
  const std::uint64_t current = rate(fresh, now.since(drawn_));
  // Smoothed over some eight drawings, two seconds: the time that is left does not jump about.
  bytes_per_second_ = width_ == 0 ? current : (bytes_per_second_ * 7 + current) / 8;
  drawn_ = now;
  drawn_bytes_ = done;

  std::string figures;
  if (done == 0 && !progress.total_bytes) {
    append_time(figures, now.since(begun_).ms / 1000);
    return draw(std::move(figures));
  }
  if (progress.total_bytes) {
    const std::uint64_t total = *progress.total_bytes;
    // Above 2^57 bytes a hundred times as many do not fit; no server has such a file, but one may claim to.
    const std::uint64_t percent = done >= total ? 100 : total > UINT64_MAX / 128 ? done / (total / 100) : done * 100 / total;
    append(figures, {percent, "%  "});
  } else {
    append(figures, {human_size(done), "  "});
  }
  append(figures, {human_size(bytes_per_second_), "/s"});
  if (progress.total_bytes && *progress.total_bytes > done && bytes_per_second_ != 0) {
    const std::uint64_t seconds = (*progress.total_bytes - done) / bytes_per_second_;
    // Days are no help to anybody.
    if (seconds < 24 * 3600) {
      figures += "  ";
      append_time(figures, seconds);
      figures += " left";
    }
  }
  draw(std::move(figures));
}

void ProgressLine::end(Instant now, const Progress& progress) {
  if (what_.empty()) return;
  if (!progress.finished) return console_.fresh_line();
  std::string line;
  if (console_.line_is_open()) line = "\r";
  append(line, {printable(what_), ": ", human_size(progress.done_bytes)});
  if (const Duration time = now.since(begun_); time >= rate_counts_after) append(line, {", ", human_size(rate(progress.done_bytes, time)), "/s"});
  if (line.size() <= width_) line.append(width_ + 1 - line.size(), ' ');
  line += '\n';
  console_.close_line();
  console_.write(line);
}

void ProgressLine::draw(std::string figures) {
  // The last column stays empty: a character there moves the cursor to the next line.
  const std::size_t columns = console_.columns() > 1 ? console_.columns() - 1 : 1;
  // Of a long name the end says more; at least the figures are whole.
  const std::size_t room = columns > figures.size() + 2 ? columns - figures.size() - 2 : 0;
  std::string line = "\r";
  if (what_.size() <= room) {
    append(line, {printable(what_, room), "  "});
  } else if (room > 3) {
    append(line, {"...", printable(what_.substr(what_.size() - (room - 3)), room - 3), "  "});
  }
  line += figures;
  const std::size_t width = line.size() - 1;
  // Something may have been printed in between; then this is a new line.
  if (console_.line_is_open() && width < width_) line.append(width_ - width, ' ');
  width_ = width;
  console_.write(line);
  console_.leave_line_open();
}

}  // namespace undine
