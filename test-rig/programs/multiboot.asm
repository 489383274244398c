; SPDX-License-Identifier: Apache-2.0
;
; A Multiboot kernel without an ELF header: it names its own addresses, demands pages, memory and video, and prints on the serial port what it was told.
bits 32
org 0x200000

%define flags 0x10007

header:
        dd      0x1badb002, flags, -(0x1badb002 + flags)
        dd      header, header, end, end + 4096, start
        dd      0, 1024, 768, 32        ; the mode that it would like

start:
        mov     esp, end + 4096
        cmp     eax, 0x2badb002
        jne     near bad
        mov     ebp, ebx
        mov     esi, text.modules
        call    put
        mov     eax, [ebp + 20]
        add     al, "0"
        call    put_character
        mov     ecx, [ebp + 20]
        mov     edi, [ebp + 24]
.module:
        mov     al, " "
        call    put_character
        mov     esi, [edi + 8]
        call    put
        mov     al, "="
        call    put_character
        mov     esi, [edi]
        mov     eax, [edi + 4]
        call    put_up_to
        add     edi, 16
        loop    .module
        cmp     dword [end + 1024], 0   ; what the header says is to be cleared
        jne     near bad
        mov     esi, text.video
        call    put
        test    dword [ebp], 1 << 11
        jz      .none
        mov     esi, [ebp + 72]
        lea     eax, [esi + 4]
        call    put_up_to
.none:
        mov     esi, text.line
        call    put
        mov     esi, [ebp + 16]
        call    put
        mov     esi, text.end
        call    put
        hlt
bad:
        mov     esi, text.bad
        call    put
        hlt

; ESI: text, zero-terminated
put:
        mov     al, [esi]
        inc     esi
        test    al, al
        jz      put_up_to.done
        call    put_character
        jmp     put
; ESI to EAX
put_up_to:
        mov     ebx, eax
.next:
        cmp     esi, ebx
        jae     .done
        lodsb
        call    put_character
        jmp     .next
.done:
        ret

put_character:
        mov     ah, al
        mov     dx, 0x3f8 + 5
.busy:
        in      al, dx
        test    al, 0x20
        jz      .busy
        mov     al, ah
        mov     dx, 0x3f8
        out     dx, al
        ret

text:
.modules:       db 13, 10, "MODULES ", 0
.video:         db 13, 10, "VIDEO ", 0
.line:          db 13, 10, "LINE ", 0
.end:           db 13, 10, "MULTIBOOT-GOOD", 13, 10, 0
.bad:           db 13, 10, "MULTIBOOT-BAD", 13, 10, 0
end:
