; SPDX-License-Identifier: Apache-2.0
;
; A boot program that calls every function of the PXE API as documented, and as it should not be called, and prints a line for each:
;
;   PXE|name|exit status|what came back
;
; It runs under any PXE stack: under Undine, and under the boot ROM alone. Nothing that it prints depends on addresses or on time. The server that
; DHCP names must have the file `probe.txt` for TFTP: 2000 octets, of which the first 16 are 0123456789abcdef. It returns at the end, status 0.

bits 16
org 0x7c00

file_bytes equ 2000
high_buffer equ 0x00300000              ; where READ_FILE puts a file above 1 MiB
ticks equ 0x046c

start:
        cld
        mov     [cs:entry.eax], eax
        mov     [cs:entry.edx], edx
        mov     [cs:entry.bx], bx
        mov     [cs:entry.es], es
        pushf
        pop     word [cs:entry.flags]
        mov     bp, sp
        mov     eax, [bp + 4]
        mov     [cs:entry.pxe], eax
        xor     ax, ax
        mov     ds, ax
        call    check_entry
        mov     si, text.memory
        call    put
        int     0x12
        call    put_decimal
        call    new_line
        call    find_server
        mov     si, rows
.next:
        lodsw
        test    ax, ax
        jz      .done
        push    si
        mov     si, ax
        call    put_start
        pop     si
        lodsw                           ; opcode
        mov     bx, ax
        lodsw                           ; block
        mov     di, ax
        lodsw                           ; what to show of it
        push    si
        push    ax
        call    api
        call    put_result
        pop     ax
        test    ax, ax
        jz      .shown
        call    ax
.shown:
        call    new_line
        pop     si
        jmp     .next
.done:
        mov     si, text.end
        call    put
        xor     ax, ax
        retf

; BX function, DI block in segment 0. AX: exit code; DI is kept.
api:
        push    si
        push    di
        xor     ax, ax
        mov     es, ax
        mov     word [status_before], 0xeeee
        push    ds
        push    di
        push    bx
        call    far [pxe_entry]
        add     sp, 6
        cld
        xor     bx, bx
        mov     ds, bx
        mov     es, bx
        pop     di
        pop     si
        ret

; ---- At entry ------------------------------------------------------------------------------------------------------------------------------

%macro fact 1                           ; prints "PXE|%1|yes|" or no, by the zero flag
        push    word %%name
        call    put_fact
        section .data
%%name: db      %1, 0
        section .text
%endmacro

section .data align=16
section .text

check_entry:
        cmp     word [entry.eax], 0
        fact    "entry: AX is 0"
        mov     ax, [entry.flags]
        and     ax, 0x200
        cmp     ax, 0x200
        fact    "entry: interrupts are on"
        les     bx, [entry.bx]
        cmp     dword [es:bx], 'PXEN'
        fact    "entry: ES:BX points to PXENV+"
        movzx   eax, word [entry.es]
        shl     eax, 4
        movzx   ecx, word [entry.bx]
        add     eax, ecx
        cmp     eax, [entry.edx]
        fact    "entry: EDX is its physical address"
        test    al, 31
        fact    "PXENV+ lies on 32 bytes"
        cmp     word [es:bx + 6], 0x0201
        fact    "PXENV+ has version 2.1"
        cmp     byte [es:bx + 8], 0x2c
        fact    "PXENV+ is 2Ch long"
        mov     cx, 0x2c
        call    sum
        fact    "PXENV+ adds up to 0"
        mov     eax, [entry.pxe]
        cmp     eax, [es:bx + 0x28]
        fact    "PXENV+ points to the !PXE of the stack"
        les     bx, [entry.pxe]
        cmp     dword [es:bx], '!PXE'
        fact    "entry: [SS:SP+4] points to !PXE"
        mov     cx, 0x58
        call    sum
        fact    "!PXE adds up to 0"
        movzx   eax, word [entry.pxe + 2]
        shl     eax, 4
        movzx   ecx, word [entry.pxe]
        add     eax, ecx
        test    al, 31
        fact    "!PXE lies on 32 bytes"
        cmp     eax, 0x8d000
        setae   al
        cmp     al, 1
        fact    "!PXE lies at or above 8D000h"
        cmp     byte [es:bx + 0x1d], 7
        fact    "!PXE has 7 descriptors"
        mov     eax, [es:bx + 0x10]
        mov     [pxe_entry], eax
        mov     ax, 0x5650
        push    es
        int     0x1a
        pop     es
        cmp     ax, 0x564e
        fact    "INT 1Ah AX=5650h answers 564Eh"
        mov     ax, 0x5650
        int     0x1a
        setc    al
        cmp     al, 0
        fact    "INT 1Ah clears carry"
        mov     ax, 0x5650
        int     0x1a
        cmp     dword [es:bx], 'PXEN'
        fact    "INT 1Ah gives PXENV+"
        ret

; CX octets at ES:BX; zero flag if they add up to 0.
sum:
        push    bx
        xor     al, al
.next:
        add     al, [es:bx]
        inc     bx
        loop    .next
        test    al, al
        pop     bx
        ret

put_fact:                               ; one word on the stack: the name
        mov     word [fact_result], text.yes
        jz      .yes
        mov     word [fact_result], text.no
.yes:
        pusha
        push    es
        mov     bp, sp
        mov     si, [bp + 20]
        call    put_start
        mov     si, [fact_result]
        call    put
        mov     si, text.bar
        call    put
        call    new_line
        pop     es
        popa
        ret     2

; The server's address from the cached reply, into every block that needs it.
find_server:
        mov     bx, 0x71
        mov     di, cached3_first
        call    api
        les     bx, [cached3_first + 6]
        mov     eax, [es:bx + 20]       ; siaddr
        mov     edx, [es:bx + 16]       ; yiaddr
        push    ds
        pop     es
        mov     [tftp_open_block + 2], eax
        mov     [tftp_missing_block + 2], eax
        mov     [size_block + 2], eax
        mov     [read_file_block + 138], eax
        mov     [read_small_block + 138], eax
        mov     [read_wild_block + 138], eax
        mov     [read_multicast_block + 138], eax
        mov     [read_silent_block + 138], eax
        mov     [udp_write_block + 2], eax
        mov     [arp.target], eax
        mov     [arp.sender], edx
        mov     [server], eax
        ret

; ---- What is shown of a block; DI: the block -------------------------------------------------------------------------------------------------

show_packet:                            ; GET_CACHED_INFO by pointer
        mov     ax, [di + 4]
        call    put_decimal
        les     bx, [di + 6]
        cmp     byte [es:bx], 2
        jne     .no_reply
        mov     si, text.reply
        call    put
.no_reply:
        cmp     dword [es:bx + 236], 0x63538263
        jne     .no_cookie
        mov     si, text.cookie
        call    put
.no_cookie:
        cmp     dword [es:bx + 16], 0
        je      .done
        mov     si, text.address
        call    put
.done:
        ret
show_word4:
        mov     ax, [di + 4]
        jmp     put_decimal
show_information:
        mov     ax, [di + 6]            ; MTU
        call    put_decimal
        mov     ax, [di + 8]            ; hardware type
        call    put_decimal
        mov     ax, [di + 10]
        call    put_decimal
        mov     eax, [di + 12]
        mov     [arp.source], eax
        mov     [frame.source], eax
        mov     ax, [di + 16]
        mov     [arp.source + 4], ax
        mov     [frame.source + 4], ax
        ret
show_nic_type:
        mov     al, [di + 2]
        xor     ah, ah
        jmp     put_decimal
show_interface:
        lea     si, [di + 2]
        jmp     put
show_multicast:
        mov     ax, [di + 6]
        call    put_hex
        mov     ax, [di + 8]
        call    put_hex
        mov     ax, [di + 10]
        jmp     put_hex
show_packet_size:
        mov     ax, [di + 140]
        jmp     put_decimal
show_read:
        mov     ax, [di + 2]
        call    put_decimal
        mov     ax, [di + 4]
        call    put_decimal
        mov     eax, [buffer]
        cmp     eax, '0123'
        jmp     show_same
show_file_size:
        mov     ax, [di + 138]
        jmp     put_decimal
show_read_file:
        mov     ax, [di + 130]
        call    put_decimal
        ; The first 16 octets, fetched from above 1 MiB by the BIOS.
        push    ds
        pop     es
        mov     si, move_table
        mov     cx, 8
        mov     ah, 0x87
        int     0x15
        mov     eax, [buffer]
        cmp     eax, '0123'
        jne     show_same
        mov     eax, [buffer + 12]
        cmp     eax, 'cdef'
show_same:
        mov     si, text.right
        je      .same
        mov     si, text.wrong
.same:
        jmp     put
show_isr:
        mov     ax, [di + 2]
        jmp     put_decimal
show_state:
        mov     al, [di + 2]
        xor     ah, ah
        jmp     put_decimal
; Asks until a datagram comes, two seconds at most.
show_answer:
        mov     eax, [ticks]
        mov     [begun], eax
.again:
        mov     word [udp_read_block + 14], 1024
        mov     word [udp_read_block + 12], 0x1608  ; 2070
        mov     dword [udp_read_block + 6], 0
        mov     bx, 0x32
        mov     di, udp_read_block
        call    api
        test    ax, ax
        jz      .came
        mov     eax, [ticks]
        sub     eax, [begun]
        cmp     eax, 36
        jb      .again
        mov     si, text.nothing
        jmp     put
.came:
        mov     ax, [udp_read_block + 14]
        call    put_decimal
        mov     eax, [udp_read_block + 2]
        cmp     eax, [server]
        call    show_same
        cmp     word [buffer], 0x0300   ; DATA
        jmp     show_same
; Receives frames until the answer to our question comes, two seconds at most. One that is split over buffers is told.
show_arp_answer:
        mov     eax, [ticks]
        mov     [begun], eax
.begin:
        mov     word [isr_block + 2], 2 ; PROCESS
.again:
        mov     bx, 0x14
        mov     di, isr_block
        call    api
        test    ax, ax
        jnz     .late
        mov     ax, [isr_block + 2]
        cmp     ax, 3
        je      .frame
        test    ax, ax
        jz      .late
.more:
        mov     word [isr_block + 2], 3 ; GET_NEXT
        jmp     .again
.late:
        mov     eax, [ticks]
        sub     eax, [begun]
        cmp     eax, 36
        jb      .begin
        mov     si, text.nothing
        jmp     put
.frame:
        les     bx, [isr_block + 10]
        cmp     word [es:bx + 12], 0x0608
        jne     .more
        cmp     word [es:bx + 20], 0x0200
        jne     .more
        mov     si, text.arp
        call    put
        mov     ax, [isr_block + 4]
        cmp     ax, [isr_block + 6]
        mov     si, text.whole
        je      .whole
        mov     si, text.split
.whole:
        call    put
        mov     ax, [isr_block + 8]     ; length of the link header
        call    put_decimal
        mov     al, [isr_block + 14]
        xor     ah, ah
        call    put_decimal
        ; To the end of the sequence.
.drain:
        mov     word [isr_block + 2], 3
        mov     bx, 0x14
        mov     di, isr_block
        call    api
        test    ax, ax
        jnz     .drained
        cmp     word [isr_block + 2], 0
        jne     .drain
.drained:
        ret
show_handle:
        mov     ax, [di + 2]
        mov     [file_read_block + 2], ax
        mov     [file_size_block + 2], ax
        mov     [file_select_block + 2], ax
        mov     [file_close_block + 2], ax
        jmp     put_decimal
show_mask:
        mov     ax, [di + 12]
        jmp     put_hex
show_dword4:
        mov     ax, [di + 4]
        jmp     put_decimal
; Reads to the end; the sum of the lengths.
show_file:
        mov     eax, [ticks]
        mov     [begun], eax
        mov     word [total], 0
.next:
        mov     word [file_read_block + 4], 700
        mov     bx, 0xe3
        mov     di, file_read_block
        call    api
        test    ax, ax
        jnz     .wait
        mov     ax, [file_read_block + 4]
        test    ax, ax
        jz      .end
        add     [total], ax
        jmp     .next
.wait:
        mov     eax, [ticks]
        sub     eax, [begun]
        cmp     eax, 90
        jb      .next
        mov     si, text.nothing
        jmp     put
.end:
        mov     ax, [total]
        jmp     put_decimal

; ---- Calls from odd places ---------------------------------------------------------------------------------------------------------------------

; With 512 octets of stack: the marks below must be left alone.
show_small_stack:
        push    ds
        pop     es
        mov     di, small_stack
        mov     cx, 1024
        mov     al, 0x5a
        rep     stosb
        mov     [kept_sp], sp
        mov     [kept_ss], ss
        xor     ax, ax
        mov     ss, ax
        mov     sp, small_stack + 1024
        mov     bx, 0x0c
        mov     di, information_block
        call    api
        lss     sp, [kept_sp]
        call    put_decimal
        mov     di, small_stack
        mov     cx, 512
        mov     al, 0x5a
        push    ds
        pop     es
        repe    scasb
        mov     si, text.fits
        je      .fits
        mov     si, text.deeper
.fits:
        jmp     put

; From 16-bit protected mode, with descriptors of ours for its segment: an answer, not a crash.
show_protected:
        cli
        push    ds
        mov     [kept_sp], sp
        movzx   eax, word [pxe_entry + 2]
        shl     eax, 4
        mov     [gdt.entry_code + 2], ax
        shr     eax, 16
        mov     [gdt.entry_code + 4], al
        mov     ax, [pxe_entry]
        mov     [protected_entry], ax
        sidt    [kept_idt]
        lgdt    [gdt_pointer]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     0x08:.protected
.protected:
        mov     ax, 0x10
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        push    word 0x10
        push    word information_block
        push    word 0x0c
        call    far [protected_entry]
        add     sp, 6
        mov     [protected_result], ax
        mov     eax, cr0
        and     al, ~1
        mov     cr0, eax
        jmp     0:.real
.real:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        lidt    [kept_idt]
        pop     ds
        sti
        mov     ax, [protected_result]
        jmp     put_decimal

; The same call once more in virtual-8086 mode, under a monitor that ends it at the first privileged instruction.
show_virtual:
        cli
        mov     [kept_sp], sp
        mov     word [virtual_result], 0xffff
        mov     word [cached_virtual], 0xeeee
        mov     word [cached_virtual + 4], 0
        mov     byte [gdt.task + 5], 0x89
        mov     di, task
        mov     cx, 104 / 2
        xor     ax, ax
        rep     stosw
        mov     word [task + 4], monitor_stack
        mov     word [task + 8], 0x10
        mov     word [task + 102], 104  ; no I/O is allowed
        sidt    [kept_idt]
        lgdt    [gdt_pointer]
        lidt    [monitor_idt_pointer]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     0x08:.protected
.protected:
        mov     ax, 0x10
        mov     ss, ax
        mov     ax, 0x20
        ltr     ax
        xor     eax, eax
        mov     cx, 5                   ; GS, FS, DS, ES, SS
.segments:
        push    eax
        loop    .segments
        mov     ax, [cs:kept_sp]
        sub     ax, 64
        push    eax
        push    dword 0x00023002        ; virtual-8086 mode, I/O privilege 3, interrupts off
        push    dword 0
        push    dword .virtual
        iretd
.virtual:
        push    ds
        push    word cached_virtual
        push    word 0x71
        call    far [pxe_entry]
        add     sp, 6
        mov     [virtual_result], ax
        hlt
.monitor:
        mov     eax, cr0
        and     al, ~1
        mov     cr0, eax
        jmp     0:.real
.real:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     sp, [kept_sp]
        lidt    [kept_idt]
        sti
        mov     ax, [virtual_result]
        call    put_decimal
        mov     ax, [cached_virtual]
        call    put_decimal
        mov     ax, [cached_virtual + 4]
        jmp     put_decimal

; The address that the card has now.
show_address:
        mov     si, information_block + 12
        mov     cx, 3
.next:
        lodsw
        xchg    al, ah
        call    put_hex
        loop    .next
        ret

; Upper halves and segments must come back as they were.
show_registers:
        mov     ebx, 0x1234000c
        mov     ecx, 0x2345ffff
        mov     edx, 0x3456eeee
        mov     esi, 0x4567dddd
        mov     edi, 0x56780000 + information_block
        mov     ebp, 0x6789bbbb
        mov     ax, 0x7000
        mov     fs, ax
        push    ds
        push    di
        push    bx
        call    far [pxe_entry]
        add     sp, 6
        mov     ax, fs
        cmp     ax, 0x7000
        jne     .changed
        cmp     ebx, 0x1234000c
        jne     .changed
        cmp     ecx, 0x2345ffff
        jne     .changed
        cmp     edx, 0x3456eeee
        jne     .changed
        cmp     esi, 0x4567dddd
        jne     .changed
        cmp     edi, 0x56780000 + information_block
        jne     .changed
        cmp     ebp, 0x6789bbbb
        jne     .changed
        mov     si, text.kept
        jmp     put
.changed:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     si, text.lost
        jmp     put

; The older entry: function in BX, block at ES:DI.
show_pxenv:
        les     bx, [entry.bx]
        mov     eax, [es:bx + 0x0a]
        mov     [pxenv_entry], eax
        xor     ax, ax
        mov     es, ax
        mov     bx, 0x0c
        mov     di, information_block
        call    far [pxenv_entry]
        jmp     put_decimal

; ---- Text --------------------------------------------------------------------------------------------------------------------------------------

put_start:                              ; SI: name
        push    si
        mov     si, text.prefix
        call    put
        pop     si
        call    put
        mov     si, text.bar
        jmp     put
put_result:                             ; AX: exit code, DI: block
        call    put_hex_plain
        mov     al, ' '
        call    put_character
        mov     ax, [di]
        call    put_hex_plain
        mov     si, text.bar
put:
        push    ax
        push    bx
.next:
        lodsb
        test    al, al
        jz      .done
        call    put_character
        jmp     .next
.done:
        pop     bx
        pop     ax
        ret
put_character:
        pusha
        mov     ah, 0x0e
        mov     bx, 7
        int     0x10
        popa
        ret
new_line:
        mov     si, text.line
        jmp     put
put_hex:
        push    ax
        mov     al, ' '
        call    put_character
        pop     ax
put_hex_plain:
        push    cx
        push    ax
        mov     cx, 4
.next:
        rol     ax, 4
        push    ax
        and     al, 15
        add     al, '0'
        cmp     al, '9'
        jbe     .digit
        add     al, 'a' - '0' - 10
.digit:
        call    put_character
        pop     ax
        loop    .next
        pop     ax
        pop     cx
        ret
put_decimal:                            ; a blank, then AX
        pusha
        push    ax
        mov     al, ' '
        call    put_character
        pop     ax
        xor     cx, cx
        mov     bx, 10
.divide:
        xor     dx, dx
        div     bx
        push    dx
        inc     cx
        test    ax, ax
        jnz     .divide
.print:
        pop     ax
        add     al, '0'
        call    put_character
        loop    .print
        popa
        ret

section .data
text:
.prefix: db     "PXE|", 0
.bar:   db      "|", 0
.line:  db      13, 10, 0
.yes:   db      "yes", 0
.no:    db      "no", 0
.end:   db      "PXE-END", 13, 10, 0
.memory: db     "PXE-MEMORY|", 0
.reply: db      " reply", 0
.cookie: db     " options", 0
.address: db    " address", 0
.right: db      " right", 0
.wrong: db      " wrong", 0
.nothing: db    " nothing came", 0
.arp:   db      " ARP", 0
.whole: db      " whole", 0
.split: db      " split", 0
.fits:  db      " fits", 0
.deeper: db     " goes deeper", 0
.kept:  db      " kept", 0
.lost:  db      " changed", 0

%macro row 3-4 0                        ; name, function, block, what to show
        section .names
%%name: db      %1, 0
        section .rows
        dw      %%name, %2, %3, %4
%endmacro

section .names follows=.data align=1
section .rows follows=.names align=2
rows:
        row     "START_UNDI", 0x00, start_block
        row     "UNDI_STARTUP", 0x01, status_block
        row     "UNDI_INITIALIZE", 0x03, initialize_block
        row     "GET_CACHED_INFO 1", 0x71, cached1, show_packet
        row     "GET_CACHED_INFO 2", 0x71, cached2, show_packet
        row     "GET_CACHED_INFO 3", 0x71, cached3, show_packet
        row     "GET_CACHED_INFO 2, copied into 600 bytes", 0x71, cached_copy, show_word4
        row     "GET_CACHED_INFO 9", 0x71, cached9
        row     "UNDI_GET_INFORMATION", 0x0c, information_block, show_information
        row     "UNDI_GET_NIC_TYPE", 0x12, nic_type_block, show_nic_type
        row     "UNDI_GET_IFACE_INFO", 0x13, interface_block, show_interface
        row     "UNDI_GET_STATISTICS", 0x0d, statistics_block
        row     "UNDI_CLEAR_STATISTICS", 0x0e, status_block
        row     "UNDI_GET_MCAST_ADDRESS 224.1.2.3", 0x11, multicast_block, show_multicast
        row     "UNDI_SET_MCAST_ADDRESS", 0x09, set_multicast_block
        row     "UNDI_SET_PACKET_FILTER", 0x0b, filter_block
        row     "UNDI_INITIATE_DIAGS", 0x0f, status_block
        row     "UNDI_FORCE_INTERRUPT", 0x10, status_block
        row     "UDP_READ before UDP_OPEN", 0x32, udp_read_block
        row     "UDP_OPEN", 0x30, udp_open_block
        row     "UDP_OPEN again", 0x30, udp_open_block
        row     "UDP_READ, nothing there", 0x32, udp_read_block
        row     "UDP_WRITE a TFTP request, UDP_READ the answer", 0x33, udp_write_block, show_answer
        row     "UDP_WRITE without a buffer", 0x33, udp_write_bad_block
        row     "UDP_CLOSE", 0x31, status_block
        row     "UDP_CLOSE again", 0x31, status_block
        row     "TFTP_READ before TFTP_OPEN", 0x22, tftp_read_block
        row     "TFTP_OPEN, 1024 bytes", 0x20, tftp_open_block, show_packet_size
        row     "TFTP_READ", 0x22, tftp_read_block, show_read
        row     "TFTP_READ, the last", 0x22, tftp_read_block, show_read
        row     "TFTP_CLOSE", 0x21, status_block
        row     "TFTP_CLOSE again", 0x21, status_block
        row     "TFTP_OPEN, no such file", 0x20, tftp_missing_block
        row     "TFTP_GET_FSIZE", 0x25, size_block, show_file_size
        row     "TFTP_READ_FILE to 3 MiB", 0x23, read_file_block, show_read_file
        row     "TFTP_READ_FILE, buffer too small", 0x23, read_small_block
        row     "TFTP_READ_FILE into the BIOS", 0x23, read_wild_block
        row     "TFTP_READ_FILE_PMODE", 0x24, status_block
        row     "UNDI_OPEN", 0x06, open_block
        row     "UNDI_GET_STATE while open (15h)", 0x15, state_block, show_state
        row     "UNDI_ISR START", 0x14, isr_start_block
        row     "UNDI_TRANSMIT an ARP question, UNDI_ISR the answer", 0x08, transmit_block, show_arp_answer
        row     "UNDI_TRANSMIT by protocol, UNDI_ISR the answer", 0x08, transmit_arp_block, show_arp_answer
        row     "UNDI_TRANSMIT without a buffer", 0x08, transmit_bad_block
        row     "UNDI_CLOSE", 0x07, status_block
        row     "RESTART_DHCP", 0x72, status_block
        row     "MODE_SWITCH", 0x74, status_block
        row     "START_BASE", 0x75, status_block
        row     "STOP_BASE", 0x76, status_block
        row     "function FFh", 0xff, status_block
        row     "FILE_API_CHECK", 0xe6, check_block, show_mask
        row     "FILE_API_CHECK, wrong question", 0xe6, check_wrong_block
        row     "FILE_OPEN", 0xe0, file_open_block, show_handle
        row     "FILE_SELECT", 0xe2, file_select_block, show_word4
        row     "GET_FILE_SIZE", 0xe4, file_size_block, show_dword4
        row     "FILE_READ, to the end", 0xe3, file_read_block, show_file
        row     "FILE_CLOSE", 0xe1, file_close_block
        row     "FILE_CLOSE again", 0xe1, file_close_block
        row     "FILE_READ of handle 77", 0xe3, file_bad_block
        row     "FILE_OPEN, no such file", 0xe0, file_missing_block
        row     "FILE_EXEC", 0xe5, execute_block
        row     "FILE_CMDLINE", 0xe8, command_line_block
        row     "UNDI_GET_INFORMATION with 512 bytes of stack", 0x0c, information_block, show_small_stack
        row     "UNDI_GET_INFORMATION, registers", 0x0c, information_block, show_registers
        row     "UNDI_GET_INFORMATION by PXENV+", 0x0c, information_block, show_pxenv
        row     "GET_CACHED_INFO 2 in virtual-8086 mode", 0x71, cached_virtual, show_virtual
        row     "UNDI_GET_INFORMATION in protected mode", 0x0c, information_block, show_protected
        row     "UNDI_SHUTDOWN", 0x05, status_block
        row     "UNDI_SHUTDOWN again", 0x05, status_block
        row     "UNDI_INITIALIZE after it", 0x03, initialize_block
        row     "UDP_OPEN after it", 0x30, udp_open_block
        row     "UDP_WRITE and UDP_READ after it", 0x33, udp_write_block, show_answer
        row     "UDP_CLOSE after it", 0x31, status_block
        row     "TFTP_READ_FILE by multicast to 3 MiB", 0x23, read_multicast_block, show_read_file
        row     "TFTP_READ_FILE by multicast, nobody there", 0x23, read_silent_block, show_read_file
        row     "UNDI_SET_STATION_ADDRESS to another", 0x0a, station_block
        row     "UNDI_OPEN with it", 0x06, open_block
        row     "UNDI_GET_INFORMATION with it", 0x0c, information_block, show_address
        row     "UNDI_SET_STATION_ADDRESS while open", 0x0a, station_block
        row     "UNDI_CLOSE with it", 0x07, status_block
        section .rows
        dw      0

section .data
start_block:    dw 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
status_block:   dw 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
initialize_block: dw 0, 0, 0, 0, 0, 0, 0
cached1:        dw 0, 1, 0, 0, 0, 0
cached2:        dw 0, 2, 0, 0, 0, 0
cached3:        dw 0, 3, 0, 0, 0, 0
cached3_first:  dw 0, 3, 0, 0, 0, 0
cached_virtual: dw 0, 2, 0, 0, 0, 0
station_block:  dw 0
                db 0x02, 0x00, 0x5e, 0x10, 0x00, 0x77
                times 10 db 0
cached9:        dw 0, 9, 0, 0, 0, 0
cached_copy:    dw 0, 2, 600, buffer, 0, 0
information_block: times 25 dw 0
nic_type_block: times 12 dw 0
interface_block: times 21 dw 0
                dw 0
statistics_block: times 9 dw 0
multicast_block: dw 0
                db 224, 1, 2, 3
                times 16 db 0
set_multicast_block: dw 0, 0
                times 48 db 0
filter_block:   dw 0
                db 3, 0
udp_open_block: dw 0, 0, 0
udp_read_block: dw 0, 0, 0, 0, 0, 0, 0x1608, 1024, buffer, 0
udp_write_block: dw 0, 0, 0, 0, 0, 0x1608, 0x4500, request.end - request, request, 0
udp_write_bad_block: dw 0, 0, 0, 0, 0, 0x1608, 0x4500, 0xffff, 0xfff0, 0xf000
tftp_open_block: dw 0, 0, 0, 0, 0
                db "probe.txt"
                times 128 - 9 db 0
                dw 0x4500, 1024
tftp_missing_block: dw 0, 0, 0, 0, 0
                db "no-such-file"
                times 128 - 12 db 0
                dw 0x4500, 1024
tftp_read_block: dw 0, 0, 0, buffer, 0
size_block:     dw 0, 0, 0, 0, 0
                db "probe.txt"
                times 128 - 9 db 0
                dd 0
%macro read_file 2                      ; size and physical address of the buffer
                dw 0
                db "probe.txt"
                times 128 - 9 db 0
                dd %1, %2
                times 12 db 0
                dw 0, 0x4500, 2, 1
%endmacro
%macro read_multicast 1                 ; the server's port
                dw 0
                db "probe.txt"
                times 128 - 9 db 0
                dd 65536, high_buffer
                times 8 db 0
                db 239, 77, 0, 1
                dw 0xde06, %1, 1, 1     ; from port 1758
%endmacro
read_multicast_block: read_multicast 0xdf06     ; 1759
read_silent_block: read_multicast 0xe006        ; 1760
read_file_block: read_file 65536, high_buffer
read_small_block: read_file 100, high_buffer
read_wild_block: read_file 65536, 0xf0000
open_block:     dw 0, 0, 3, 0
                times 128 db 0
state_block:    dw 0, 0
isr_block:      times 8 dw 0
isr_start_block: dw 0, 1, 0, 0, 0, 0, 0, 0
transmit_block: dw 0
                db 0, 0
                dw 0, 0, whole_frame, 0, 0, 0, 0, 0
transmit_arp_block: dw 0
                db 2, 1
                dw 0, 0, arp_payload, 0, 0, 0, 0, 0
transmit_bad_block: dw 0
                db 0, 0
                dw 0, 0, 0xfff0, 0xf000, 0, 0, 0, 0
whole_frame:    dw 14, frame, 0, 1      ; the header at once, the rest as a block
                db 1, 0
                dw 46, arp, 0
arp_payload:    dw 46, arp, 0, 0
frame:          times 6 db 0xff
.source:        times 6 db 0
                db 0x08, 0x06
arp:            db 0, 1, 8, 0, 6, 4, 0, 1
.source:        times 6 db 0
.sender:        dd 0
                times 6 db 0
.target:        dd 0
                times 18 db 0
check_block:    dw 0, 20, 0x47b2, 0x91d4, 0, 0, 0, 0, 0, 0
check_wrong_block: dw 0, 20, 0, 0, 0, 0, 0, 0, 0, 0
file_open_block: dw 0, 0, file_name, 0, 0, 0
file_missing_block: dw 0, 0, missing_name, 0, 0, 0
file_select_block: dw 0, 0, 0
file_size_block: dw 0, 0, 0, 0
file_read_block: dw 0, 0, 700, buffer, 0
file_bad_block: dw 0, 77, 700, buffer, 0
file_close_block: dw 0, 0
execute_block:  dw 0, command, 0
command_line_block: dw 0, 64, buffer, 0
file_name:      db "http://10.77.0.1/probe.txt", 0
missing_name:   db "http://10.77.0.1/no-such-file", 0
command:        db "set conformance executed", 0
request:        db 0, 1, "probe.txt", 0, "octet", 0
.end:
pxe_entry:      dd 0
pxenv_entry:    dd 0
entry:
.eax:           dd 0
.edx:           dd 0
.bx:            dw 0
.es:            dw 0
.flags:         dw 0
.pxe:           dd 0
server:         dd 0
begun:          dd 0
total:          dw 0
fact_result:    dw 0
status_before:  dw 0
kept_sp:        dw 0
kept_ss:        dw 0
kept_idt:       times 3 dw 0
protected_entry: dw 0, 0x18
protected_result: dw 0
virtual_result: dw 0
                align 8
gdt:            dq 0
                dq 0x00009b000000ffff
                dq 0x000093000000ffff
.entry_code:    dq 0x00009b000000ffff
.task:          dw 0x67, task
                db 0, 0x89, 0, 0
.end:
monitor_idt:    times 13 dq 0           ; only #GP has a gate, into the 16-bit segment
                dw show_virtual.monitor, 0x08, 0x8e00, 0
.end:
monitor_idt_pointer: dw monitor_idt.end - monitor_idt - 1
                dd monitor_idt
gdt_pointer:    dw gdt.end - gdt - 1
                dd gdt
; INT 15h AH=87h: source and destination.
move_table:     times 16 db 0
                dw 0xffff
                db high_buffer & 0xff, (high_buffer >> 8) & 0xff, (high_buffer >> 16) & 0xff, 0x93
                dw 0
                dw 0xffff, buffer
                db 0, 0x93
                dw 0
                times 16 db 0

section .bss follows=.rows align=16 nobits
buffer:         resb 2048
                resb 128
monitor_stack:
task:           resb 104
small_stack:    resb 1024
