// SPDX-License-Identifier: Apache-2.0
// The PXE API (PXE 2.1 sections 3 and 4) that we give to a boot program, over our own stack and the boot ROM's driver.
//
// A program is in one of two states. In raw mode (from UNDI_OPEN or UNDI_TRANSMIT to UNDI_CLOSE) it sends and receives frames itself and our
// stack sees none. Otherwise it uses UDP, TFTP and files, which are ours; any of these calls leaves raw mode.
//
// Parameter blocks and the buffers that they point at come from the program and are not trusted: what does not lie in memory that a program
// may use is refused.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/boot_rom.h"
#include "core/clock.h"
#include "core/loop.h"
#include "core/memory_map.h"
#include "protocols/fetch/fetch.h"
#include "protocols/host/host.h"
#include "pxe-api/parameters.h"
#include "pxe-api/reader.h"
#include "undi/life_cycle.h"
#include "undi/undi_nic.h"

namespace undine {

/// What the API needs of whoever has started the program.
class ProgramKeeper {
public:
  virtual ~ProgramKeeper() = default;
  /// STOP_UNDI: every interrupt vector and the base memory go back, the boot ROM is left. False if a vector is not ours any more.
  virtual bool stop() = 0;
  /// FILE_EXEC: runs a line of script; its status.
  virtual Result<void> run_line(std::string_view line) = 0;
  /// Begins to read a file inside a disk (Uri::inside) into `sink`, which outlives it and gives an empty room while it is full.
  virtual Result<std::unique_ptr<Transfer>> open_inside(const Uri& uri, Sink& sink) = 0;
  /// Where octets of base memory lie, as a program reaches them.
  virtual RealPointer real_pointer(Bytes octets) = 0;
  /// Where free base memory ends for the program, linear.
  virtual std::uint32_t base_memory_end() = 0;
};

/// All of them outlive the API.
struct PxeParts {
  UndiNic& nic;
  LifeCycle& life;
  Host& host;         ///< over the card that the program is to see: `nic`, or a VLAN of it
  Service& network;   ///< turned without rest while a program polls
  Network& protocols;
  std::span<const FetchProtocol> fetch_protocols;
  Loop& loop;
  Clock& clock;
  LowMemory& low_memory;
  PhysicalMemory& memory;
  const MemoryMap& memory_map;
  ProgramKeeper& keeper;
};

/// One packet of PXENV_GET_CACHED_INFO: BOOTPLAYER of PXE 2.1 section 3.3.2. Programs copy by our size, so it is always whole.
inline constexpr std::size_t cached_packet_bytes = 1260;
inline constexpr std::size_t cached_packets_bytes = 3 * cached_packet_bytes;

class PxeApi {
public:
  explicit PxeApi(const PxeParts& parts) : parts_(parts) {}

  /// A program is about to start. `packets`: cached_packets_bytes of base memory, the DISCOVER, ACK and reply in this order, zero-filled; the
  /// program may edit them and gets its edits back. `command_line` and `uri` are the program's own.
  void begin(RealPointer packets, std::string command_line, const Uri& uri, const FetchOptions& options);
  /// It has ended. Nothing of it stays open.
  void end();

  /// One call. The result is for AX; the status word is in the block.
  PxeExit call(std::uint16_t function, RealPointer block);
  /// From now on nobody runs what RESTART_TFTP would load: the program has been replaced for good.
  void refuse_restart() { restart_refused_ = true; }
  /// RESTART_TFTP has loaded another program to 0:7C00: the one that runs is to be given up.
  bool restart_is_due() const { return restart_; }
  bool take_restart();
  /// STOP_UNDI has been called: there is no network any more.
  bool stopped() const { return stopped_; }

  // For the other API behind which programs run (syslinux.h).
  /// Memory that the program names: segment and offset, or a physical address. Empty if it is nobody's to write.
  MutableBytes memory_at(RealPointer where, std::size_t length);
  MutableBytes memory_at(std::uint32_t physical, std::size_t length);
  /// Text of the program's, up to `end` or the end of its memory.
  std::string text_at(RealPointer where, std::size_t most, char end = '\0');
  bool leave_raw_mode();
  /// A handle; something of the file has come by then, or its end.
  Result<std::uint16_t> open_file(const Uri& uri);
  pxe_api::Reader* file_of(std::uint16_t handle);
  /// False if there is no such file.
  bool close_file(std::uint16_t handle);
  /// Gives card and boot ROM up; false if that is not possible any more.
  bool stop();

  /// All functions and how long their blocks are; for tests.
  struct Function {
    std::uint8_t number;
    std::uint8_t block_bytes;  ///< what is read or written of it
    std::uint16_t (PxeApi::*run)(MutableBytes block);
  };
  static std::span<const Function> functions();

private:
  // undi.cc
  std::uint16_t succeed(MutableBytes);
  std::uint16_t refuse(MutableBytes);
  std::uint16_t undi_cleanup(MutableBytes);
  std::uint16_t undi_initialize(MutableBytes);
  std::uint16_t undi_reset(MutableBytes);
  std::uint16_t undi_shutdown(MutableBytes);
  std::uint16_t undi_open(MutableBytes);
  std::uint16_t undi_close(MutableBytes);
  std::uint16_t undi_transmit(MutableBytes block);
  std::uint16_t undi_set_station_address(MutableBytes block);
  std::uint16_t undi_get_information(MutableBytes block);
  std::uint16_t undi_get_statistics(MutableBytes block);
  std::uint16_t undi_clear_statistics(MutableBytes);
  std::uint16_t undi_get_multicast_address(MutableBytes block);
  std::uint16_t undi_get_nic_type(MutableBytes block);
  std::uint16_t undi_get_interface_info(MutableBytes block);
  std::uint16_t undi_isr(MutableBytes block);
  std::uint16_t stop_undi_or_get_state(MutableBytes);
  // transports.cc
  std::uint16_t tftp_open(MutableBytes block);
  std::uint16_t tftp_close(MutableBytes);
  std::uint16_t tftp_read(MutableBytes block);
  std::uint16_t tftp_read_file(MutableBytes block);
  std::uint16_t tftp_get_file_size(MutableBytes block);
  std::uint16_t restart_tftp(MutableBytes block);
  std::uint16_t udp_open(MutableBytes block);
  std::uint16_t udp_close(MutableBytes);
  std::uint16_t udp_read(MutableBytes block);
  std::uint16_t udp_write(MutableBytes block);
  // files.cc
  std::uint16_t get_cached_info(MutableBytes block);
  std::uint16_t file_open(MutableBytes block);
  std::uint16_t file_close(MutableBytes block);
  std::uint16_t file_select(MutableBytes block);
  std::uint16_t file_read(MutableBytes block);
  std::uint16_t file_size(MutableBytes block);
  std::uint16_t file_execute(MutableBytes block);
  std::uint16_t file_api_check(MutableBytes block);
  std::uint16_t file_command_line(MutableBytes block);

  Nic& card() { return parts_.host.nic(); }
  void limit_segments(MutableBytes frame);
  bool ensure_open();
  bool enter_raw_mode();
  Result<Uri> tftp_uri(Bytes server, Bytes name, std::uint16_t port) const;
  Result<std::uint64_t> load_file(Bytes server, Bytes name, std::uint16_t port, std::uint32_t physical, std::uint32_t room);
  Result<std::uint64_t> load_multicast(Bytes block);
  bool advance(pxe_api::Reader& file);

  static constexpr std::size_t udp_ports_max = 8, files_max = 8;
  /// The socket of a local port, opened if need be; nullptr if that is not possible.
  UdpSocket* udp_port(std::uint16_t port);

  PxeParts parts_;
  RealPointer packets_{};
  RealPointer block_{};                ///< of the call that is being answered
  std::string command_line_;
  Uri base_uri_;
  FetchOptions options_;
  std::optional<MacAddress> own_address_;  ///< the card's, if the program gave it another one
  bool raw_ = false;
  bool stopped_ = false, restart_ = false, restart_refused_ = false;
  bool interrupt_enabled_ = true;      ///< as START would find it if the card raised one
  std::uint8_t frames_since_process_ = 0;
  std::uint8_t transmitted_ = 0;       ///< frames whose completion was not told yet
  NicCounters cleared_;                ///< counters when they were cleared
  bool udp_is_open_ = false;
  std::array<std::unique_ptr<UdpSocket>, udp_ports_max> udp_ports_;
  std::size_t next_udp_port_ = 0;
  std::unique_ptr<pxe_api::Reader> tftp_;
  std::uint16_t tftp_block_bytes_ = 512, tftp_block_ = 0;
  std::array<std::unique_ptr<pxe_api::Reader>, files_max> files_;
};

}  // namespace undine
