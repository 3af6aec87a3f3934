// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that pretend to be something else, told by their contents: Ward trusts no name of a file.

rule Disguised_Program_In_Archive
{
    meta:
        description = "A zip whose member is a program called a document: name.pdf.exe, or its end spelled backwards"
    strings:
        // In the central directory, where another entry, its end or an extra field follows the name.
        $double = /PK\x01\x02[\x00-\xff]{42}[^\x00-\x1f]{0,120}\.(pdf|docx?|xlsx?|pptx?|rtf|txt|jpe?g|png|gif|mp[34]|html?)[ _]{0,60}\.(exe|scr|com|pif|bat|cmd|js|jse|vbs|vbe|wsf|hta|lnk)(PK[\x01\x05]|UT|ux|up|\x0a\x00)/ nocase
        $reversed = /PK\x01\x02[\x00-\xff]{42}[^\x00-\x1f]{0,120}\xe2\x80\xae[^\x00-\x1f]{1,60}\.(exe|scr|com|pif|bat|cmd|js|vbs|lnk)(PK[\x01\x05]|UT|ux|up|\x0a\x00)/ nocase
    condition:
        uint32be(0) == 0x504b0304 and any of them
}

rule Disguised_Windows_Program
{
    meta:
        description = "A Windows program whose own name is that of a document"
    strings:
        $original = { 4F 00 72 00 69 00 67 00 69 00 6E 00 61 00 6C 00 46 00 69 00 6C 00 65 00 6E 00 61 00 6D 00 65 00 00 00 }
        $double = /\.(pdf|docx?|xlsx?|pptx?|rtf|txt|jpe?g|png|gif)[ _]{0,60}\.(exe|scr|com|pif)\x00/ nocase wide
    condition:
        uint16(0) == 0x5a4d and for any i in (1..#original) : ($double in (@original[i]..@original[i] + 400))
}

rule Disguised_Script_In_Image
{
    meta:
        description = "An image by its first bytes that carries a PHP page which runs what a request brings"
    strings:
        $php = /<\?(php|=)[^\x00]{0,200}\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase
        $run = /\b(eval|assert|system|shell_exec|passthru)\s{0,4}\(/ nocase
    condition:
        (uint32be(0) == 0x47494638 or uint32be(0) == 0x89504e47 or uint16be(0) == 0xffd8) and
        for any i in (1..#php) : ($run in (@php[i]..@php[i] + 300))
}
