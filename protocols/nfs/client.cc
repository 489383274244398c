// SPDX-License-Identifier: Apache-2.0
#include "protocols/nfs/client.h"

#include <tuple>

#include "core/memory.h"

namespace undine::nfs {
namespace {

/// RFC 1813 5.2.1 (MNTPATHLEN); longer paths are for nobody.
constexpr std::size_t path_bytes_max = 1024;
constexpr unsigned links_max = 16;
/// A firewall before the portmapper, as version 4 allows, says nothing: then that version is tried soon.
constexpr Duration portmapper_patience = 3'000_ms;
/// Before a server first answers: so that the `||` of a script goes on soon.
constexpr Duration first_contact_max = 20'000_ms;
constexpr std::uint32_t first_contact_retries_max = 2;
/// A server that has just started waits for the clients of its former life, 90 s as a rule (RFC 7530 9.6.2).
constexpr Duration grace_pause = 12'000_ms;
/// Reads in one turn, so that a fast stream can't keep the loop from its other work.
constexpr unsigned steps_per_turn_max = 256;
/// The least that a server may be said to give at once, else a lie costs a call an octet.
constexpr std::uint32_t piece_bytes_min = 512;

Result<std::unique_ptr<Stream>> open_tcp(Network& network, Endpoint to, Instant now) { return network.tcp.connect(to, now, LocalPort::privileged); }

/// Without empty names, "." and "..", which no server knows in version 4: "/a//b/../c/." is "/a/c".
std::string normalised(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::string_view name = split_first(path, '/');
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      result.resize(result.empty() ? 0 : result.rfind('/'));
      continue;
    }
    append(result, {'/', name});
  }
  return result;
}

}  // namespace

Client::Client(Opener opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options)
    : opener_(opener), network_(network), uri_(uri), sink_(sink), options_(options), next_xid_(network.entropy.u32()),
      path_(normalised(percent_decoded(uri.path))) {
  take_parameters();
}

/// As libnfs has them: nfs://server/path?version=4&uid=1000&gid=1000&mountport=20048.
void Client::take_parameters() {
  const struct {
    std::string_view name;
    std::uint32_t& value;
  } parameters[] = {{"uid", credentials_.user_id}, {"gid", credentials_.group_id}, {"version", wished_version_}, {"mountport", wished_mount_port_}};
  std::string_view query = uri_.query;
  while (!query.empty()) {
    std::string_view value = split_first(query, '&');
    const std::string_view parameter = split_first(value, '=');
    for (const auto& known : parameters)
      if (known.name == parameter) known.value = static_cast<std::uint32_t>(parse_number(value, UINT32_MAX).value_or(0));
  }
}

Client::~Client() {
  if (mount_stream_) channel_.attach(std::move(mount_stream_));
  else if (!channel_.is_open() || session_.minor_version == 0 || what_ < Request::root) return;
  emit_call(session_.version == 3 ? Request::unmount : Request::end_session, pieces_[0], {});
  std::ignore = channel_.flush();  // nobody waits for an answer
}

Result<std::unique_ptr<Client>> Client::open(Opener opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options) {
  if (uri.host.empty()) return fail(no_server);
  auto client = make_unique_nothrow<Client>(opener, network, uri, sink, options);
  if (!client) return fail(out_of_memory);
  if (client->path_.empty()) return fail(not_a_file);
  if (client->path_.size() > path_bytes_max) return fail(path_too_long);
  return client;
}

Result<std::unique_ptr<Download>> open_nfs(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant) {
  return Client::open(open_tcp, network, uri, sink, options);
}

Result<Progress> Client::advance(Instant now) {
  for (unsigned i = 0; i < steps_per_turn_max && state_ != State::finished; ++i) {
    if (!TRY(step(now))) break;
  }
  return Progress{state_ == State::finished, done_bytes(), opened_ ? std::optional{file_.size_bytes} : std::nullopt};
}

Client::Step Client::step(Instant now) {
  switch (state_) {
    case State::pausing:
      if (!retries_.due(now)) return false;
      state_ = State::resolving;
      return true;
    case State::resolving: return resolve(now);
    case State::asking: return wait(now);
    case State::reading: return read(now);
    case State::finished: break;
  }
  return false;
}

Client::Step Client::resolve(Instant now) {
  if (!lookup_) lookup_ = TRY(network_.resolver.lookup(uri_.host, now));
  const Result<Progress> looked_up = lookup_->advance(now);
  if (looked_up && !looked_up->finished) return false;
  const std::unique_ptr<Lookup> answered = std::move(lookup_);
  if (!looked_up) return reached_ ? broken(looked_up.error(), now) : fail(looked_up.error());
  server_ = answered->address();
  if (retries_.attempt() == 1) first_try_ = now;
  // What a server turned out to speak, it goes on speaking.
  if (!opened_) session_.version = wished_version_ == 4 ? 4 : 3;
  return begin_walk(now);
}

/// From the root of what is exported to the file.
Client::Step Client::begin_walk(Instant now) {
  hang_up();
  name_from_ = name_end_ = 0;
  nfs_port_ = uri_.port.value_or(nfs_port);
  mount_port_ = wished_mount_port_;
  if (session_.version == 3) return mount_port_ != 0 ? begin_mount(now) : ask(Request::mount_port, now);
  session_.slots = reads_max;
  if (session_.minor_version == 0) return ask(Request::root, now);
  network_.entropy.fill({reinterpret_cast<std::uint8_t*>(&session_.client_id), sizeof session_.client_id});
  return ask(Request::client_id, now);
}

/// The directory of the file is tried first, then those above it: an export is found however deep it lies, and Linux mounts what is below one too.
Client::Step Client::begin_mount(Instant now) {
  name_end_ = path_.rfind('/');
  return ask(Request::mount, now);
}

/// Puts a call into the channel. False: it does not fit.
bool Client::emit_call(Request what, Piece& slot, const Question& question) {
  if (++next_xid_ == 0) ++next_xid_;
  slot.xid = next_xid_;
  const Procedure procedure = procedure_of(what, session_);
  emit(channel_.begin(slot.xid, procedure.program, procedure.version, procedure.number, credentials_), what, session_, question);
  return channel_.end();
}

/// Asks for one thing, over a connection to whom it concerns. Whatever was asked before has been answered.
Client::Step Client::ask(Request what, Instant now) {
  const Service service = what <= Request::nfs_port ? Service::portmapper : what <= Request::exports ? Service::mount : Service::nfs;
  if (service != service_) {
    std::unique_ptr<Stream> former = channel_.detach();
    if (service_ == Service::mount) mount_stream_ = std::move(former);
    former.reset();
    service_ = service;
    const std::uint32_t port = service == Service::portmapper ? portmapper_port : service == Service::mount ? mount_port_ : nfs_port_;
    auto stream = opener_(network_, {server_, static_cast<std::uint16_t>(port)}, now);
    if (!stream) return broken(stream.error(), now);
    channel_.attach(std::move(*stream));
  }
  Question question{.handle = handle_.bytes(), .name = std::string_view{path_}.substr(name_from_, name_end_ - name_from_), .length_bytes = read_bytes_max};
  if (what == Request::mount && name_end_ == 0) question.name = "/";
  question.slot_sequence = ++pieces_[0].slot_sequence;
  if (!emit_call(what, pieces_[0], question)) return fail(path_too_long);
  what_ = what;
  state_ = State::asking;
  heard_ = now;
  return true;
}

/// Sends, and waits for the one answer.
Client::Step Client::wait(Instant now) {
  const Result<std::size_t> sent = channel_.flush();
  const Result<bool> arrived = sent ? channel_.gather(rpc::Channel::gather_bytes_max) : Result<bool>{fail(sent.error())};
  // No portmapper, or nothing behind the port that it told: that is what servers of version 4 are like.
  const auto lost = [&](const Error& why) {
    const bool may_be_4 = may_change_version() && (what_ < Request::unmount || why.is(rpc::no_program));
    return may_be_4 ? without_version_3(why, now) : broken(why, now);
  };
  if (!arrived) return lost(arrived.error());
  if (channel_.take_heard() || *sent != 0) heard_ = now;
  if (!*arrived) {
    const Duration patience = what_ <= Request::nfs_port && may_change_version() ? portmapper_patience : options_.stall;
    return now.since(heard_) < patience ? Step{false} : lost(channel_.unsent() ? tcp_timed_out : silent);
  }
  // One that is longer than what we keep of it is none that we asked for.
  if (!channel_.record_ended() && what_ != Request::exports) return fail(rpc::malformed);
  auto reply = rpc::parse_reply(channel_.gathered());
  if (!reply && reply.error().is(rpc::no_program)) return lost(reply.error());
  if (!reply) return what_ == Request::exports ? handle_exports(rpc::XdrReader{{}}, now) : fail(reply.error());
  reached_ = true;
  Answer answer;
  if (reply->xid != pieces_[0].xid || !parse(reply->results, what_, session_, answer)) return fail(rpc::malformed);
  const Step step = what_ == Request::exports ? handle_exports(reply->results, now) : handle(answer, now);
  // Views of the reply end here. Whoever hung up has no record any more.
  if (step && channel_.is_open() && channel_.record_ended()) TRY(channel_.finish_record());
  return step;
}

Client::Step Client::handle(const Answer& answer, Instant now) {
  if (what_ == Request::mount) return handle_mount(answer, now);
  if (answer.status != Status::ok) return handle_status(answer.status, now);
  switch (what_) {
    case Request::mount_port:
    case Request::nfs_port:
      if (answer.number == 0 || answer.number > 0xffff) return may_change_version() ? without_version_3(rpc::no_program, now) : fail(rpc::no_program);
      (what_ == Request::mount_port ? mount_port_ : nfs_port_) = answer.number;
      return what_ == Request::mount_port && !uri_.port ? ask(Request::nfs_port, now) : begin_mount(now);
    case Request::client_id: return ask(Request::session, now);
    case Request::session:
    case Request::root: {
      // What replies and reads may bring; 4.1 counts its own words too.
      const std::uint32_t words = what_ == Request::session ? 4096 : 0;
      if (answer.number != 0 && answer.number < piece_bytes_ + words) piece_bytes_ = answer.number > words + piece_bytes_min ? answer.number - words : piece_bytes_min;
      if (what_ == Request::session) {
        for (Piece& piece : pieces_) piece.slot_sequence = 0;
        return ask(Request::root, now);
      }
      if (session_.version == 4) handle_.set(answer.handle);
      return next_name(now);
    }
    case Request::look_up:
      handle_.set(answer.handle);
      if (answer.attributes.type == FileType::none && session_.version == 3) return ask(Request::attributes, now);
      return arrive(answer.attributes, now);
    case Request::attributes: return arrive(answer.attributes, now);
    default: return follow(answer.link, now);
  }
}

Client::Step Client::handle_mount(const Answer& answer, Instant now) {
  if (answer.status == Status::ok) {
    handle_.set(answer.handle);
    return ask(Request::root, now);
  }
  if (name_end_ != 0) {
    name_end_ = path_.rfind('/', name_end_ - 1);
    return ask(Request::mount, now);
  }
  if (opened_) return broken(not_exported, now);  // a server that is starting, for the file was there
  return ask(Request::exports, now);
}

/// Nothing on the path may be mounted: whoever wrote it will want to know what there is.
Client::Step Client::handle_exports(rpc::XdrReader list, Instant now) {
  std::string paths;
  for (std::string_view path = next_export(list); !path.empty(); path = next_export(list)) append(paths, {' ', path});
  network_.log.write(Level::notice, {name(), ": the server exports", paths.empty() ? " nothing that it tells" : printable(paths)});
  if (!may_change_version()) return fail(not_exported);
  mount_error_ = not_exported;
  return without_version_3(not_exported, now);
}

/// The server says no: for good, or for now.
Client::Step Client::handle_status(Status status, Instant now) {
  switch (status) {
    case Status::wrong_minor_version:
      if (session_.minor_version != 0) break;
      session_.minor_version = 1;
      return begin_walk(now);
    case Status::stale:
    case Status::bad_handle:
    case Status::handle_expired:
    case Status::bad_session: return broken(handle_lost, now);
    case Status::delay:
    case Status::server_fault: return broken({status_error, static_cast<std::uint32_t>(status)}, now);
    case Status::grace: return broken({status_error, static_cast<std::uint32_t>(status)}, now, grace_pause);
    default: break;
  }
  if (mount_error_) return fail(*mount_error_);
  switch (status) {
    case Status::no_entry: return fail(no_such_file);
    case Status::not_owner:
    case Status::access_denied: return fail(permission_denied);
    case Status::not_a_directory: return fail(not_a_directory);
    case Status::is_a_directory: return fail(not_a_file);
    case Status::name_too_long: return fail(path_too_long);
    case Status::wrong_security: return fail(wrong_security);
    default: return fail(status_error, static_cast<std::uint32_t>(status));
  }
}

/// handle_ is what name_end_ of the path leads to.
Client::Step Client::arrive(const Attributes& attributes, Instant now) {
  if (attributes.type == FileType::none || handle_.length_bytes == 0) return fail(rpc::malformed);
  if (attributes.type == FileType::link) return ask(Request::read_link, now);
  if (name_end_ < path_.size()) return attributes.type == FileType::directory ? next_name(now) : fail(not_a_directory);
  if (attributes.type != FileType::regular) return fail(not_a_file);
  return begin_file(attributes);
}

Client::Step Client::next_name(Instant now) {
  name_from_ = name_end_ + 1;
  name_end_ = path_.find('/', name_from_);
  if (name_end_ == path_.npos) name_end_ = path_.size();
  return ask(Request::look_up, now);
}

/// The path with a link replaced by where it leads, from its beginning, since it may lead into another export. One that begins with '/' is a path on
/// the server.
Client::Step Client::follow(std::string_view link, Instant now) {
  if (++links_ > links_max) return fail(too_many_links);
  if (link.empty() || link.find('\0') != link.npos) return fail(rpc::malformed);
  std::string path;
  if (!link.starts_with('/')) path = path_.substr(0, name_from_);
  append(path, {link, std::string_view{path_}.substr(name_end_)});
  path_ = normalised(path);
  if (path_.empty()) return fail(not_a_file);
  if (path_.size() > path_bytes_max) return fail(path_too_long);
  name_from_ = name_end_ = 0;
  return session_.version == 4 ? ask(Request::root, now) : begin_mount(now);
}

/// The server has no version 3, or not for us.
Client::Step Client::without_version_3(const Error& why, Instant now) {
  network_.log.write(Level::info, {name(), ": NFS version 3: ", why.text(), "; trying version 4"});
  session_.version = 4;
  return begin_walk(now);
}

/// The connection is of no use any more.
Client::Step Client::broken(const Error& why, Instant now, Duration at_least) {
  hang_up();
  if (mount_error_ && !opened_) return fail(*mount_error_);
  if (!reached_ && now.since(first_try_) >= first_contact_max) return fail(why);
  if (!retries_.failed(reached_ ? options_.attempts : first_contact_retries_max, now, at_least)) return fail(why);
  note_retry(network_.log, uri_, why, done_bytes() != 0 ? "going on" : "trying again", done_bytes(), retries_.attempt());
  state_ = State::pausing;
  return true;
}

void Client::hang_up() {
  channel_.attach(nullptr);
  mount_stream_.reset();
  service_ = Service::none;
  in_reply_ = false;
  incoming_ = nullptr;
}

}  // namespace undine::nfs
