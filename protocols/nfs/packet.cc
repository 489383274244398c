// SPDX-License-Identifier: Apache-2.0
#include "protocols/nfs/packet.h"

namespace undine::nfs {
namespace {

constexpr std::size_t handle_bytes_max_3 = 64, handle_bytes_max_4 = 128;
/// RFC 1813 5.1.1: MNTPATHLEN, MNTNAMLEN.
constexpr std::size_t path_bytes_max = 1024, name_bytes_max = 255;
/// RFC 7530 has no limit; Linux and the BSDs have this one.
constexpr std::size_t link_bytes_max = 4096;
/// Operations in one answer that we look at: one more than we ever ask for.
constexpr unsigned operations_max = 6;
constexpr std::uint32_t protocol_tcp = 6;

/// RFC 7530 16.2 and RFC 8881 16.2.
enum Operation : std::uint32_t {
  op_getattr = 9,
  op_getfh = 10,
  op_lookup = 15,
  op_putfh = 22,
  op_putrootfh = 24,
  op_read = 25,
  op_readlink = 27,
  op_exchange_id = 42,
  op_create_session = 43,
  op_destroy_session = 44,
  op_sequence = 53,
};

// RFC 7530 5.6: numbers of attributes, as bits of two words.
constexpr std::uint32_t attribute_type = 1u << 1, attribute_size = 1u << 4, attribute_max_read = 1u << 30;
constexpr std::uint32_t attribute_modified = 1u << (53 - 32);
constexpr std::size_t attributes_bytes_max = 256;

/// The operations of each request of version 4, from the first one on; SEQUENCE stands before in 4.1.
struct Compound {
  Request what;
  std::uint8_t count;
  std::uint8_t operations[4];
};
constexpr Compound compounds[] = {
    {Request::client_id, 1, {op_exchange_id}},
    {Request::session, 1, {op_create_session}},
    {Request::root, 3, {op_putrootfh, op_getfh, op_getattr}},
    {Request::look_up, 4, {op_putfh, op_lookup, op_getfh, op_getattr}},
    {Request::read_link, 2, {op_putfh, op_readlink}},
    {Request::read, 2, {op_putfh, op_read}},
    {Request::end_session, 1, {op_destroy_session}},
};

bool has_sequence(Request what, const Session& session) {
  return session.minor_version != 0 && what >= Request::root && what <= Request::read;
}

void emit_words(rpc::XdrWriter& out, std::span<const std::uint32_t> words) {
  for (const std::uint32_t word : words) out.u32(word);
}

/// Arguments of one operation of version 4.
void emit_operation(rpc::XdrWriter& out, std::uint32_t operation, const Session& session, const Question& question) {
  out.u32(operation);
  switch (operation) {
    case op_putfh: out.opaque(question.handle); break;
    case op_lookup: out.opaque(as_bytes(question.name)); break;
    case op_getattr: emit_words(out, {{2, attribute_type | attribute_size | attribute_max_read, attribute_modified}}); break;
    case op_read:
      // The anonymous stateid, all zeros: the file need not be opened (RFC 7530 9.1.4.3, RFC 8881 8.2.3).
      emit_words(out, {{0, 0, 0, 0}});
      out.u64(question.offset);
      out.u32(question.length_bytes);
      break;
    case op_exchange_id:
      out.u64(session.client_id);  // verifier and owner: a client that was never seen before
      out.u32(8);
      out.u64(session.client_id);
      emit_words(out, {{0, 0, 0}});  // no flags, no state protection, nothing about the implementation
      break;
    case op_create_session:
      out.u64(session.client_id);
      emit_words(out, {{session.sequence, 0}});
      // The channel to the server, then the one back, on which nothing will come: padding, requests and replies of so many octets, what of
      // them is kept, operations, requests at once, no RDMA.
      emit_words(out, {{0, 4096, question.length_bytes + 4096, 4096, 8, session.slots, 0}});
      emit_words(out, {{0, 4096, 4096, 0, 2, 1, 0}});
      emit_words(out, {{0, 1, 0}});  // callbacks: program 0, without authentication
      break;
    case op_destroy_session: out.fixed(session.id); break;
    case op_sequence:
      out.fixed(session.id);
      emit_words(out, {{question.slot_sequence, question.slot, session.slots - 1, 0}});
      break;
    default: break;
  }
}

/// fattr3.
void take_attributes_3(rpc::XdrReader& in, Attributes& attributes) {
  attributes.type = static_cast<FileType>(in.u32());
  in.fixed(16);  // mode, links, owner, group
  attributes.size_bytes = in.u64();
  in.fixed(40);  // used, device, file system, number of the file, last access
  attributes.modified = in.u64();
  in.fixed(8);  // last change of the attributes
}

/// post_op_attr: there or not.
void take_attributes_after(rpc::XdrReader& in, Attributes& attributes) {
  if (in.u32() != 0) take_attributes_3(in, attributes);
}

/// fattr4: the attributes whose bits are set, in the order of the bits.
bool take_attributes_4(rpc::XdrReader& in, Answer& answer) {
  std::uint32_t mask[2] = {};
  const std::uint32_t words = in.u32();
  if (words > 3) return false;
  for (std::uint32_t i = 0; i < words; ++i) {
    const std::uint32_t word = in.u32();
    if (i < 2) mask[i] = word;
    else if (word != 0) return false;
  }
  rpc::XdrReader values{in.opaque(attributes_bytes_max)};
  // One that was not asked for: nobody knows how long it is.
  if ((mask[0] & ~(attribute_type | attribute_size | attribute_max_read)) != 0 || (mask[1] & ~attribute_modified) != 0) return false;
  if (mask[0] & attribute_type) answer.attributes.type = static_cast<FileType>(values.u32());
  if (mask[0] & attribute_size) answer.attributes.size_bytes = values.u64();
  if (mask[0] & attribute_max_read) {
    const std::uint64_t most = values.u64();
    answer.number = most < UINT32_MAX ? static_cast<std::uint32_t>(most) : UINT32_MAX;
  }
  if (mask[1] & attribute_modified) {
    const std::uint64_t seconds = values.u64();
    answer.attributes.modified = seconds << 32 | values.u32();
  }
  return !values.failed();
}

void parse_3(rpc::XdrReader& in, Request what, Answer& answer) {
  answer.status = static_cast<Status>(in.u32());
  if (answer.status != Status::ok) return;
  switch (what) {
    case Request::mount:
      answer.handle = in.opaque(handle_bytes_max_3);  // the flavours of authentication follow
      return;
    case Request::look_up:
      answer.handle = in.opaque(handle_bytes_max_3);
      return take_attributes_after(in, answer.attributes);
    case Request::attributes: return take_attributes_3(in, answer.attributes);
    default: break;
  }
  take_attributes_after(in, answer.attributes);
  if (what == Request::read_link) {
    answer.link = as_text(in.opaque(link_bytes_max));
    return;
  }
  if (what == Request::read) in.fixed(8);  // count and end of file: the length of the data says as much
  answer.number = in.u32();                // of FSINFO: rtmax
}

bool parse_4(rpc::XdrReader& in, Session& session, Answer& answer) {
  answer.status = static_cast<Status>(in.u32());
  in.opaque(0);  // our tag, which has no letters
  const std::uint32_t count = in.u32();
  if (count > operations_max) return false;
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    const std::uint32_t operation = in.u32();
    answer.status = static_cast<Status>(in.u32());
    if (answer.status != Status::ok) return true;
    switch (operation) {
      case op_putrootfh:
      case op_putfh:
      case op_lookup: break;
      case op_getfh: answer.handle = in.opaque(handle_bytes_max_4); break;
      case op_getattr:
        if (!take_attributes_4(in, answer)) return false;
        break;
      case op_readlink: answer.link = as_text(in.opaque(link_bytes_max)); break;
      case op_read:
        in.u32();  // end of file: the length says as much
        answer.number = in.u32();
        return true;
      case op_sequence: in.fixed(16 + 20); break;  // session, sequence, slot, two limits of slots, flags
      case op_exchange_id:
        session.client_id = in.u64();
        session.sequence = in.u32();
        return true;
      case op_create_session: {
        const Bytes id = in.fixed(16);
        copy_bytes(session.id, id);
        in.fixed(4 * 4);  // sequence, flags; padding, requests
        answer.number = in.u32();
        in.fixed(2 * 4);  // kept replies, operations
        const std::uint32_t slots = in.u32();
        if (slots < session.slots) session.slots = slots;
        return slots != 0;
      }
      default: return false;
    }
  }
  return true;
}

}  // namespace

Procedure procedure_of(Request what, const Session& session) {
  switch (what) {
    case Request::mount_port:
    case Request::nfs_port: return {portmapper_program, 2, 3};
    case Request::mount: return {mount_program, 3, 1};
    case Request::exports: return {mount_program, 3, 5};
    case Request::unmount: return {mount_program, 3, 4};
    default: break;
  }
  if (session.version == 4) return {nfs_program, 4, 1};
  constexpr std::uint8_t numbers[] = {19, 3, 1, 5, 6};  // FSINFO, LOOKUP, GETATTR, READLINK, READ
  return {nfs_program, 3, numbers[static_cast<std::size_t>(what) - static_cast<std::size_t>(Request::root)]};
}

void emit(rpc::XdrWriter& out, Request what, const Session& session, const Question& question) {
  switch (what) {
    case Request::mount_port: return emit_words(out, {{mount_program, 3, protocol_tcp, 0}});
    case Request::nfs_port: return emit_words(out, {{nfs_program, 3, protocol_tcp, 0}});
    case Request::mount: return out.opaque(as_bytes(question.name));
    case Request::exports:
    case Request::unmount: return;
    default: break;
  }
  if (session.version == 4) {
    for (const Compound& compound : compounds) {
      if (compound.what != what) continue;
      const bool sequence = has_sequence(what, session);
      emit_words(out, {{0, session.minor_version, compound.count + std::uint32_t{sequence}}});  // no tag
      if (sequence) emit_operation(out, op_sequence, session, question);
      for (unsigned i = 0; i < compound.count; ++i) emit_operation(out, compound.operations[i], session, question);
    }
    return;
  }
  out.opaque(question.handle);
  if (what == Request::look_up) out.opaque(as_bytes(question.name));
  if (what == Request::read) {
    out.u64(question.offset);
    out.u32(question.length_bytes);
  }
}

std::string_view next_export(rpc::XdrReader& in) {
  if (in.u32() == 0) return {};
  const std::string_view path = as_text(in.opaque(path_bytes_max));
  while (in.u32() != 0) in.opaque(name_bytes_max);  // who may mount it
  return path;
}

bool parse(rpc::XdrReader& in, Request what, Session& session, Answer& answer) {
  if (what == Request::exports) return true;  // next_export() reads them
  if (what <= Request::nfs_port) {
    answer.number = in.u32();
  } else if (session.version == 4 && what > Request::unmount) {
    if (!parse_4(in, session, answer)) return false;
  } else {
    parse_3(in, what, answer);
  }
  return !in.failed();
}

}  // namespace undine::nfs
