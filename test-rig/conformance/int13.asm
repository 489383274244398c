; SPDX-License-Identifier: Apache-2.0
;
; A boot program that calls every function of INT 13h as documented, and as it should not be called, on a diskette drive (00h), a disk (80h) and a CD
; (E0h), and prints a line for each:
;
;   I13|drive|name|AH, carry|what came back
;
; It knows nothing of who answers. Every 512 octets of the media begin with their number, then four letters that name the medium's owner. Nothing that
; it prints depends on addresses or on time. It returns at the end, status 0. With WRITES it writes to the disk instead, and changes it.

bits 16
org 0x7c00

floppy_sectors equ 2880
disk_sectors equ 16384
cd_sectors equ 512
buffer_segment equ 0x2000
high_buffer equ 0x00300000

start:
        cld
        xor     ax, ax
        mov     ds, ax
        mov     si, drives
.next_drive:
        cmp     word [si], 0
        je      .others
        lodsw
        mov     [drive_name], ax
        lodsb
        mov     [drive], al
        lodsb
        mov     [shift], al
        lodsw
        mov     [last], ax
        push    si
        call    all_rows
        pop     si
        jmp     .next_drive
.others:
        mov     word [drive_name], text.others
        mov     si, displaced
.next_displaced:
        lodsw
        test    ax, ax
        jz      .done
        mov     [drive], al
        mov     [shift], ah
        push    si
        lodsw
        mov     si, ax
        call    put_start
        mov     dword [packet.first], 5
        call    fresh_packet
        mov     ah, 0x42
        cmp     byte [drive], 0x80
        jae     .by_packet
        mov     ax, 0x0201
        mov     cx, 6
.by_packet:
        mov     dh, 0
        mov     si, packet
        call    int13
        call    put_result
        call    show_owner
        call    new_line
        pop     si
        lodsw
        jmp     .next_displaced
.done:
        mov     si, text.end
        call    put
        xor     ax, ax
        retf

; Every row on [drive].
all_rows:
        mov     si, rows
.next:
        lodsw
        test    ax, ax
        jz      .done
        mov     [row_name], ax
        lodsw                           ; what to prepare
        mov     bx, ax
        lodsw                           ; AX
        mov     [call_ax], ax
        lodsw                           ; CX
        mov     [call_cx], ax
        lodsw                           ; DH
        mov     [call_dh], al
        lodsw                           ; what to show
        push    si
        push    ax
        call    fresh_packet
        call    clear_buffer
        test    bx, bx
        jz      .ready
        call    bx
.ready:
        mov     ax, [call_ax]
        mov     cx, [call_cx]
        mov     dh, [call_dh]
        mov     bx, [call_bx]
        mov     si, packet
        call    int13
        mov     si, [row_name]          ; behind the call: whoever answers may have printed a line
        call    put_start
        call    put_result
        pop     bx
        test    bx, bx
        jz      .shown
        call    bx
.shown:
        call    new_line
        mov     word [call_bx], 0
        pop     si
        jmp     .next
.done:
        ret

; INT 13h with AX, BX, CX, DH, SI; what comes back goes to `back`.
int13:
        mov     dx, buffer_segment
        mov     es, dx
        mov     dh, [call_dh]
        mov     dl, [drive]
        mov     di, 0x4444
        int     0x13
        mov     [cs:back.bx], bx
        mov     [cs:back.cx], cx
        mov     [cs:back.dx], dx
        mov     [cs:back.di], di
        mov     [cs:back.es], es
        mov     [cs:back.ax], ax
        pushf
        pop     word [cs:back.flags]
        xor     dx, dx
        mov     ds, dx
        cld
        ret

; ---- What rows prepare -------------------------------------------------------------------------------------------------------------------------

fresh_packet:                           ; sector 5, one sector, to the buffer
        push    di
        push    cx
        push    ax
        push    ds
        pop     es
        mov     di, packet
        mov     cx, 0x50
        mov     al, 0
        rep stosb
        mov     word [packet], 0x0010
        mov     word [packet.count], 1
        mov     word [packet.segment], buffer_segment
        mov     byte [packet.first], 5
        pop     ax
        pop     cx
        pop     di
        ret
clear_buffer:
        push    di
        push    cx
        push    ax
        mov     ax, buffer_segment
        mov     es, ax
        xor     di, di
        mov     cx, 0x1000
        mov     ax, 0xeeee
        rep stosw
        pop     ax
        pop     cx
        pop     di
        ret
extensions:
        mov     word [call_bx], 0x55aa
        ret
two:
        mov     word [packet.count], 2
        ret
many:                                   ; from sector 40 on: those before hold a CD's descriptors
        mov     word [packet.count], 31
        mov     byte [packet.first], 40
        ret
none:
        mov     word [packet.count], 0
        ret
beyond:                                 ; the last sector and one that is not there
        call    two
at_end:
        mov     ax, [last]
        mov     [packet.first], ax
        ret
behind_end:
        mov     dword [packet.first + 4], 0x10
        ret
short_packet:
        mov     byte [packet], 0x08
        ret
flat:
        mov     byte [packet], 0x18
        mov     dword [packet.offset], 0xffffffff
        mov     dword [packet.flat], high_buffer
        ret
long_count:
        mov     byte [packet], 0x20
        mov     word [packet.count], 0xff
        mov     dword [packet.long_count], 3
        ret
room_10: mov    word [packet], 0x10
        ret
room_1a: mov    word [packet], 0x1a
        ret
room_1e: mov    word [packet], 0x1e
        ret
room_42: mov    word [packet], 0x42
        ret
specification:                          ; filled with what must be overwritten
        mov     di, packet
        mov     cx, 0x13
        mov     al, 0xee
        push    ds
        pop     es
        rep stosb
        ret
catalogue:
        mov     word [packet], 0x0108
        mov     dword [packet + 2], buffer_segment << 16
        mov     word [packet + 6], 0
        ret
; What is written is what was there.
chs_contents:
        mov     ax, 0x0201
        mov     cx, [call_cx]
        mov     bx, 0
        jmp     int13
packet_contents:
        mov     ax, 0x4200
        mov     si, packet
        call    int13
        mov     word [packet.count], 1
        ret
no_disks:                               ; as if a BIOS had forgotten its count
        mov     al, [0x475]
        mov     [kept_count], al
        mov     byte [0x475], 0
        ret

%include "int13_shown.inc"

; ---- Text --------------------------------------------------------------------------------------------------------------------------------------

put_start:                              ; SI: name
        push    si
        mov     si, text.prefix
        call    put
        mov     si, [drive_name]
        call    put
        mov     si, text.bar
        call    put
        pop     si
        call    put
        mov     si, text.bar
        jmp     put
put_result:                             ; AH, and "error" if the carry says so
        mov     al, [back.ax + 1]
        call    put_hex_octet_plain
        test    word [back.flags], 1
        mov     si, text.error
        jnz     put
        mov     si, text.bar
%include "text.inc"

new_line:
        mov     si, text.line
        jmp     put

section .data
text:
.prefix: db     "I13|", 0
.bar:   db      "|", 0
.error: db      " error|", 0
.line:  db      13, 10, 0
.end:   db      "I13-END", 13, 10, 0
.right: db      " right", 0
.wrong: db      " wrong", 0
.kept:  db      " kept", 0
.lost:  db      " changed", 0
.fits:  db      " fits", 0
.deeper: db     " goes deeper", 0
.on:    db      " on", 0
.off:   db      " off", 0
.floppy: db     "diskette", 0
.disk:  db      "disk", 0
.cd:    db      "CD", 0
.others: db     "displaced", 0
.at_01: db      "01h", 0
.at_81: db      "81h", 0
.at_82: db      "82h", 0

; Name, number, log2 of a sector in units of 512, last sector.
drives:
%ifndef WRITES
        dw      text.floppy
        db      0x00, 0
        dw      floppy_sectors - 1
%endif
        dw      text.disk
        db      0x80, 0
        dw      disk_sectors - 1
%ifndef WRITES
        dw      text.cd
        db      0xe0, 2
        dw      cd_sectors - 1
%endif
        dw      0
; Where drives of the BIOS's are while others have their numbers.
displaced:
%ifndef WRITES
        db      0x01, 0
        dw      text.at_01
        db      0x81, 0
        dw      text.at_81
        db      0x82, 2
        dw      text.at_82
%endif
        dw      0

%macro row 6                            ; name, prepare, AX, CX, DH, show
        section .names
%%name: db      %1, 0
        section .rows
        dw      %%name, %2, %3, %4, %5, %6
%endmacro

section .names follows=.data align=1
section .rows follows=.names align=2
rows:
%ifdef WRITES
%include "int13_writes.inc"
%else
        row     "00 reset", 0, 0x0000, 0, 0, 0
        row     "08 parameters", 0, 0x0800, 0, 0, show_parameters
        row     "15 kind", 0, 0x1500, 0, 0, show_cx_dx
        row     "02 read 0/0/1", 0, 0x0201, 0x0001, 0, show_one
        row     "02 read 3 of 1/1/2", 0, 0x0203, 0x0102, 1, show_chs
        row     "02 read sector 0", 0, 0x0201, 0x0100, 0, show_one
        row     "02 read no sectors", 0, 0x0200, 0x0001, 0, show_al
        row     "02 read head 200", 0, 0x0201, 0x0001, 200, show_one
        row     "02 read cylinder 1000", 0, 0x0201, 0xe8c1, 0, show_one
        row     "01 status of that", 0, 0x0100, 0, 0, 0
        row     "02 read to 0000:0600", 0, 0x0201, 0x0003, 0, show_low
        row     "02 or 42, registers", 0, 0x0201, 0x0001, 0, show_registers
        row     "02, interrupts off and on", 0, 0x0201, 0x0001, 0, show_interrupts
        row     "02 with 32 bytes of stack", 0, 0x0201, 0x0001, 0, show_small_stack
        row     "03 write what was there", chs_contents, 0x0301, 0x0005, 0, show_one
        row     "04 verify", 0, 0x0401, 0x0001, 0, 0
        row     "04 verify sector 0", 0, 0x0401, 0x0000, 0, 0
        row     "09 initialise", 0, 0x0900, 0, 0, 0
        row     "0c seek", 0, 0x0c00, 0x0101, 0, 0
        row     "0d reset", 0, 0x0d00, 0, 0, 0
        row     "10 ready", 0, 0x1000, 0, 0, 0
        row     "11 recalibrate", 0, 0x1100, 0, 0, 0
        row     "14 diagnostics", 0, 0x1400, 0, 0, 0
        row     "16 change line", 0, 0x1600, 0, 0, 0
        row     "41 extensions", extensions, 0x4100, 0, 0, show_bx_cx
        row     "41, wrong question", 0, 0x4100, 0, 0, 0
        row     "42 read", 0, 0x4200, 0, 0, show_packet
        row     "42 read 31 sectors", many, 0x4200, 0, 0, show_many
        row     "42 read none", none, 0x4200, 0, 0, show_count
        row     "42 read the last", at_end, 0x4200, 0, 0, show_packet
        row     "42 read 2 from the last", beyond, 0x4200, 0, 0, show_count
        row     "42 read far behind the end", behind_end, 0x4200, 0, 0, show_count
        row     "42, packet of 8", short_packet, 0x4200, 0, 0, 0
        row     "42, flat address", flat, 0x4200, 0, 0, show_high
        row     "42, long count", long_count, 0x4200, 0, 0, show_number
        row     "43 write what was there", packet_contents, 0x4300, 0, 0, show_count
        row     "43, AL = 9", packet_contents, 0x4309, 0, 0, 0
        row     "44 verify", 0, 0x4400, 0, 0, 0
        row     "44 verify 2 from the last", beyond, 0x4400, 0, 0, 0
        row     "45 state of the lock", 0, 0x4502, 0, 0, show_al
        row     "47 seek", 0, 0x4700, 0, 0, 0
        row     "47 seek behind the end", behind_end, 0x4700, 0, 0, 0
        row     "48, room for 16", room_10, 0x4800, 0, 0, show_extended
        row     "48, room for 26", room_1a, 0x4800, 0, 0, show_extended
        row     "48, room for 30", room_1e, 0x4800, 0, 0, show_extended
        row     "48, room for 66", room_42, 0x4800, 0, 0, show_extended
        row     "49 media change", 0, 0x4900, 0, 0, 0
        row     "4b01 emulation", specification, 0x4b01, 0, 0, show_specification
        row     "4d00 boot catalogue", catalogue, 0x4d00, 0, 0, show_number
        row     "4e01 no prefetching", 0, 0x4e01, 0, 0, show_al
        row     "4e09", 0, 0x4e09, 0, 0, 0
        row     "05 format", 0, 0x0500, 0x0001, 0, 0
        row     "50", 0, 0x5000, 0, 0, 0
        row     "ff", 0, 0xff00, 0, 0, 0
        row     "40:75 behind a call", no_disks, 0x1000, 0, 0, show_disks
        row     "46 eject", 0, 0x4600, 0, 0, 0
        section .rows
        dw      0
%endif

section .data
row_name:       dw 0
call_ax:        dw 0
call_bx:        dw 0
call_cx:        dw 0
call_dh:        db 0
kept_count:     db 0
drive:          db 0
shift:          db 0
last:           dw 0
drive_name:     dw 0
kept_sp:        dw 0
kept_ss:        dw 0
back:
.ax:            dw 0
.bx:            dw 0
.cx:            dw 0
.dx:            dw 0
.di:            dw 0
.es:            dw 0
.flags:         dw 0
; INT 15h AH=87h: from above 1 MiB to the copy.
move_table:     times 16 db 0
                dw 0xffff
                db high_buffer & 0xff, (high_buffer >> 8) & 0xff, (high_buffer >> 16) & 0xff, 0x93
                dw 0
                dw 0xffff, low_copy
                db 0, 0x93
                dw 0
                times 16 db 0

section .bss follows=.rows align=16 nobits
packet:
                resb 2
.count:         resw 1
.offset:        resw 1
.segment:       resw 1
.first:         resq 1
.flat:          resq 1
.long_count:    resd 1
                resb 0x40
low_copy:       resb 512
small_stack:    resb 1024
