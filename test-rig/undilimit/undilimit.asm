; SPDX-License-Identifier: Apache-2.0
;
; How fast can a program receive through the ROM's UNDI? A boot program that does nothing else: it takes frames of
; ethertype 88B5h (IEEE 802's local experimental one) and throws them away, and answers each burst with one small
; frame. The host keeps a fixed number of frames outstanding (rig/undilimit.py) and measures.
;
;   frame to us    Ethernet header, number of the frame (32 bits, little endian), filling
;   frame from us  Ethernet header (broadcast), number expected next, frames received in all
;
; Source of the calls: PXE 2.1, sections 3.4 and 4.3. The stack, the parameter block and the buffers live in pages
; without code: under QEMU a store into a page of running code costs some 200 us, and real processors check too.

bits 16
cpu 386
org 0x7c00

undi_open            equ 0x06
undi_transmit        equ 0x08
undi_get_information equ 0x0c
undi_isr             equ 0x14
isr_process          equ 2
isr_get_next         equ 3
isr_out_done         equ 0
isr_out_receive      equ 3

data_segment  equ 0x3000
stack_segment equ 0x4000
stack_top     equ 0x1000
ethertype     equ 0xb588          ; 88B5h as it lies in memory
quota         equ 16              ; frames a burst; some ROMs poll in GET_NEXT, so that a burst need not end
silent_ticks  equ 3               ; of 55 ms; then we say again what we expect
ack_bytes     equ 60

struc data
.entry:       resd 1              ; !PXE's real-mode entry point
.expected:    resd 1              ; one past the highest number seen
.received:    resd 1
.tick:        resw 1
.burst:       resw 1
.parameters:  resb 64
.tbd:         resb 16             ; PXE 2.1 4.3.7: what TRANSMIT is to send
.frame:       resb 64
endstruc

start:
    cli
    cld
    les bx, [esp + 4]             ; !PXE
    mov ax, data_segment
    mov ds, ax
    mov eax, [es:bx + 0x10]
    mov [data.entry], eax
    mov ax, stack_segment
    mov ss, ax
    mov sp, stack_top
    sti
    push ds
    pop es
    xor eax, eax
    mov di, data.expected
    mov cx, data_size - data.expected
    rep stosb

    mov bx, undi_get_information
    call rom
    jc failed
    ; The program polls: the card's interrupt stays masked.
    mov cx, [data.parameters + 4]
    cmp cx, 15
    ja .no_interrupt
    mov bx, 1
    shl bx, cl
    in al, 0x21
    or al, bl
    out 0x21, al
    in al, 0xa1
    or al, bh
    out 0xa1, al
.no_interrupt:
    ; The frame that we send: to all, from our address.
    mov di, data.frame
    mov ax, 0xffff
    mov cx, 3
    rep stosw
    mov si, data.parameters + 12  ; CurrentNodeAddress
    mov cx, 3
    rep movsw
    mov word [di], ethertype
    mov word [data.tbd], ack_bytes
    mov word [data.tbd + 2], data.frame
    mov [data.tbd + 4], ds

    call clear_parameters
    mov word [data.parameters + 4], 3 ; directed and broadcast
    mov bx, undi_open
    call rom
    jc failed
    mov si, text_ready
    call print
    call acknowledge

    mov bp, isr_process           ; how the next sequence begins
receive:
    mov word [data.burst], 0
.next:
    mov [data.parameters + 2], bp
    mov bx, undi_isr
    call rom
    mov bp, isr_process
    jc .burst_over
    cmp word [data.parameters + 2], isr_out_done
    je .burst_over
    mov bp, isr_get_next
    cmp word [data.parameters + 2], isr_out_receive
    jne .next
    les bx, [data.parameters + 10]
    cmp word [es:bx + 12], ethertype
    jne .next
    inc dword [data.received]
    mov eax, [es:bx + 14]
    inc eax
    cmp eax, [data.expected]
    jb .not_newest
    mov [data.expected], eax
.not_newest:
    inc word [data.burst]
    cmp word [data.burst], quota
    jb .next
.burst_over:
    cmp word [data.burst], 0
    jne .answer
    xor ax, ax
    mov fs, ax
    mov ax, [fs:0x46c]
    sub ax, [data.tick]
    cmp ax, silent_ticks
    jb receive
.answer:
    call acknowledge
    jmp receive

; Says what we expect next.
acknowledge:
    xor ax, ax
    mov fs, ax
    mov ax, [fs:0x46c]
    mov [data.tick], ax
    mov eax, [data.expected]
    mov [data.frame + 14], eax
    mov eax, [data.received]
    mov [data.frame + 18], eax
    call clear_parameters
    mov word [data.parameters + 8], data.tbd
    mov [data.parameters + 10], ds
    mov bx, undi_transmit         ; protocol 0: the frame has its header
    ; fall through

; Calls function BX of the ROM with our parameter block; carry if it fails. Keeps BP, as C functions do.
rom:
    push bp
    push ds
    push word data.parameters
    push bx
    call far [data.entry]
    add sp, 6
    pop bp
    cld
    sti                           ; the clock must go on
    push word data_segment
    pop ds
    cmp ax, 1                     ; PXENV_EXIT_SUCCESS is 0
    cmc
    ret

clear_parameters:
    push ds
    pop es
    mov di, data.parameters
    mov cx, 32
    xor ax, ax
    rep stosw
    ret

print:
    mov ah, 0x0e
    mov bx, 7
    cs lodsb
    test al, al
    jz .end
    int 0x10
    jmp print
.end:
    ret

failed:
    mov si, text_failed
    call print
.stop:
    hlt
    jmp .stop

text_ready:  db "UNDILIMIT-READY", 13, 10, 0
text_failed: db "UNDILIMIT-FAILED", 13, 10, 0
