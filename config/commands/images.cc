// SPDX-License-Identifier: Apache-2.0
// Commands about files in memory.
#include "config/commands/commands.h"
#include "loaders/packed/packed.h"

namespace undine {
namespace {

constexpr Cause image_none_selected{"image.none-selected", "no program is chosen; 'kernel URI' fetches and chooses one", pxe_status_failure};
constexpr Cause image_not_packed{"image.not-packed", "it is not compressed by gzip, zlib, xz or zstd; other archives are not opened here", pxe_status_failure};
constexpr Cause image_unknown{"image.unknown", "there is no image of that name; 'imgstat' lists them", pxe_status_failure};

/// The image that a command names as its first operand, with the arguments behind it.
Result<Image*> named_image(Shell& shell, const Invocation& call, bool& is_fresh) {
  const Shell::FetchWish wish = TRY(wish_of(shell, call));
  Image* image = TRY(shell.acquire(call.operand(0), wish, is_fresh));
  if (!wish.name.empty()) image->name = wish.name;
  if (call.has('a')) image->is_passing = true;
  if (call.operands().size() > 1) image->arguments = call.joined(1);
  return image;
}

Result<Image*> known_image(Shell& shell, std::string_view name) {
  Image* image = shell.images().find(name);
  if (image == nullptr) return shell.fail_about(name, image_unknown);
  return image;
}

void print_image(Shell& shell, const Image& image) {
  const Bytes contents = shell.images().contents(image);
  std::string_view kind = Script::recognises(contents) ? "script" : shell.booter().kind(contents, image.name);
  shell.print({printable(image.name), ": ", human_size(image.length), kind.empty() ? "" : ", ", kind, image.is_kernel ? ", chosen" : ""});
  if (!image.arguments.empty()) shell.print({", \"", printable(image.arguments, 400), "\""});
  shell.print({"\n"});
}

}  // namespace

Result<Shell::FetchWish> wish_of(Shell& shell, const Invocation& call) {
  Shell::FetchWish wish;
  wish.name = call.value('n').value_or(std::string_view{});
  wish.mirrors = call.values('m');
  if (const auto sha256 = call.value('s')) wish.sha256 = TRY(parse_sha256(shell.about(*sha256)));
  wish.is_quiet = call.has('q');
  if (const auto timeout = TRY(call.number('t')); timeout && *timeout != 0) wish.timeout = Duration{*timeout};
  return wish;
}

std::string_view without_suffix(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == name.npos || dot == 0 ? name : name.substr(0, dot);
}

Result<void> run_imgfetch(Shell& shell, const Invocation& call) {
  const Shell::FetchWish wish = TRY(wish_of(shell, call));
  Image* image = TRY(shell.fetch(call.operand(0), wish));
  image->arguments = call.joined(1);
  image->is_passing = call.has('a');
  return {};
}

Result<void> run_imgselect(Shell& shell, const Invocation& call) {
  bool is_fresh = false;
  Image* image = TRY(named_image(shell, call, is_fresh));
  const Bytes contents = shell.images().contents(*image);
  if (!Script::recognises(contents) && shell.booter().kind(contents, image->name).empty()) {
    const auto failed = shell.fail_about(image->name, boot_unknown_kind);
    if (is_fresh) shell.images().remove(*image);  // or it would be handed to the next kernel as an initrd
    return failed;
  }
  shell.images().select(*image);
  return {};
}

Result<void> run_imgexec(Shell& shell, const Invocation& call) {
  bool is_fresh = false;
  Image* image = nullptr;
  if (call.operands().empty()) {
    image = shell.images().selected();
    if (image == nullptr) return fail(image_none_selected);
    if (call.has('a')) image->is_passing = true;
  } else {
    image = TRY(named_image(shell, call, is_fresh));
  }
  const bool is_passing = image->is_passing;
  if (call.has('r')) return shell.replace_with(*image, is_fresh, is_passing);
  const std::uint32_t serial = image->serial;
  const auto done = shell.execute(*image, is_fresh || is_passing);
  // A script's image is gone by now; a program's goes when the program came back, unless that has written over it.
  if (is_passing) shell.images().remove_if_there(serial);
  return done;
}

Result<void> run_imgargs(Shell& shell, const Invocation& call) {
  bool is_fresh = false;
  Image* const image = TRY(named_image(shell, call, is_fresh));
  if (call.operands().size() == 1) image->arguments.clear();  // none, too
  return {};
}

Result<void> run_imgextract(Shell& shell, const Invocation& call) {
  const Shell::FetchWish wish = TRY(wish_of(shell, call));
  bool is_fresh = false;
  Image* const packed = TRY(shell.acquire(call.operand(0), {.name = {}, .timeout = wish.timeout, .is_quiet = wish.is_quiet}, is_fresh));
  ImageStore& images = shell.images();
  shell.about(packed->name);
  if (!is_packed(images.contents(*packed))) return fail(image_not_packed);
  Sink* const sink = TRY(images.begin(wish.name.empty() ? without_suffix(packed->name) : wish.name));
  const auto room = sink->room(0);
  const auto length = room ? unpack(images.contents(*packed), *room) : fail(room.error());
  if (!length) {
    images.abandon();
    return fail(length.error());
  }
  TRY(sink->commit(0, *length));
  Image& image = images.finish();
  image.uri = packed->uri;
  image.arguments = packed->arguments;
  image.is_trusted = packed->is_trusted;
  if (packed->is_kernel) images.select(image);
  if (!wish.is_quiet) shell.print({printable(image.name), ": ", human_size(image.length), "\n"});
  if (!call.has('k')) images.remove(*packed);
  return {};
}

Result<void> run_imgset(Shell& shell, const Invocation& call) {
  const Shell::FetchWish wish = TRY(wish_of(shell, call));
  bool is_fresh = false;
  Image* const image = TRY(shell.acquire(call.operand(1), wish, is_fresh));
  const Bytes contents = shell.images().contents(*image);
  shell.about(call.operand(0));
  // A copy that would not be stored is not made.
  const auto stored = contents.size() > Settings::variable_bytes_max ? Result<void>(fail(settings_full))
                                                                     : shell.settings().set_octets(call.operand(0), RawValue(contents.begin(), contents.end()));
  if (!call.has('k')) shell.images().remove(*image);
  return stored;
}

Result<void> run_imgmem(Shell& shell, const Invocation& call) {
  const std::uint32_t address = TRY(number_of(shell, call.operand(0))), length = TRY(number_of(shell, call.operand(1)));
  if (length == 0) return shell.fail_about(call.operand(1), image_nothing);
  shell.about(call.operand(0));
  TRY(shell.images().add_memory(call.value('n').value_or("memory"), address, length));
  return {};
}

Result<void> run_imgstat(Shell& shell, const Invocation& call) {
  if (call.operands().empty()) {
    for (const Image& image : shell.images().images()) print_image(shell, image);
    return {};
  }
  for (const std::string& name : call.operands()) {
    const Image* image = TRY(known_image(shell, name));
    print_image(shell, *image);
  }
  return {};
}

Result<void> run_imgfree(Shell& shell, const Invocation& call) {
  if (call.operands().empty()) shell.images().clear();
  for (const std::string& name : call.operands()) {
    const Image* image = TRY(known_image(shell, name));
    shell.images().remove(*image);
  }
  return {};
}

}  // namespace undine
