// SPDX-License-Identifier: GPL-2.0-or-later
// Programs for Linux packed so that unpackers fail on them. What upx itself packs can be unpacked and is not meant.

rule Packed_ELF_Mangled_UPX
{
    meta:
        description = "UPX's loader in an ELF file without the marks by which upx unpacks: wiped by hand"
    strings:
        $loader = "PROT_EXEC|PROT_WRITE failed."
        $loader_info = "$Info: This file is packed with the UPX executable packer"
        $mark = "UPX!"
    condition:
        uint32be(0) == 0x7f454c46 and filesize < 32MB and any of ($loader*) and #mark < 2 and
        // upx itself and programs that carry its stub have section headers; packed files have none.
        ((uint8(4) == 1 and uint16(48) == 0) or (uint8(4) == 2 and uint16(60) == 0))
}
