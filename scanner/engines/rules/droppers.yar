// SPDX-License-Identifier: GPL-2.0-or-later
// Scripts that fetch or unpack a program and start it, in the dress that only those who hide wear.

rule Dropper_PowerShell_Hidden_Encoded
{
    meta:
        description = "PowerShell started without a window on an encoded command"
    strings:
        $line = /powershell(\.exe)?["']?\s[^\n]{0,120}-e(nc?|nco|ncod|ncode|ncoded|ncodedc|ncodedco|ncodedcommand)?\s{1,4}["']?[A-Za-z0-9+\/]{60}/ nocase ascii wide
        $hidden = /-w[a-z]{0,11}\s{1,4}["']?hidden\b/ nocase ascii wide
    condition:
        filesize < 2MB and $line and $hidden
}

rule Dropper_PowerShell_Download_And_Run
{
    meta:
        description = "PowerShell that evaluates what it downloads"
    strings:
        $iex_first = /\b(iex|invoke-expression)\b[\s\(&]{0,8}new-object\s{1,4}(system\.)?net\.webclient\)?[^\n]{0,20}\.download(string|data)\s{0,4}\(\s{0,4}["']https?:\/\// nocase ascii wide
        $iex_last = /new-object\s{1,4}(system\.)?net\.webclient\)?[^\n]{0,20}\.download(string|data)\s{0,4}\(\s{0,4}["']https?:\/\/[^\n"']{1,200}["']\s{0,4}\)\s{0,4}\)?\s{0,4}\|\s{0,4}(iex|invoke-expression)\b/ nocase ascii wide
        $hidden = /-w[a-z]{0,11}\s{1,4}["']?hidden\b/ nocase ascii wide
        $bypass = /-e(p|x|xec|xecutionpolicy)\s{1,4}["']?bypass/ nocase ascii wide
        $no_profile = /-nop(rofile)?\b/ nocase ascii wide
    condition:
        filesize < 2MB and any of ($iex_*) and any of ($hidden, $bypass, $no_profile)
}

rule Dropper_PowerShell_Unpack_And_Load
{
    meta:
        description = "PowerShell that unpacks a program from its own text and loads it without a file"
    strings:
        $literal = /frombase64string\s{0,4}\(\s{0,4}\(?["'][A-Za-z0-9+\/=]{200}/ nocase ascii wide
        $load = /\[(system\.)?reflection\.assembly\]::load\s{0,4}\(/ nocase ascii wide
        $alloc = "VirtualAlloc" nocase ascii wide
        $thread = "CreateThread" nocase ascii wide
        $copy = "Marshal]::Copy" nocase ascii wide
    condition:
        filesize < 16MB and $literal and ($load or all of ($alloc, $thread, $copy))
}

rule Dropper_VBA_Autostart
{
    meta:
        description = "A macro that starts by itself, downloads or writes a program and runs it"
    strings:
        $start = /\bsub\s{1,4}(auto_?open|document_open|workbook_open|autoexec)\b/ nocase
        $download = "URLDownloadToFile" nocase
        $request = /createobject\s{0,4}\(\s{0,4}["'](msxml2\.(server)?xmlhttp|winhttp\.winhttprequest)/ nocase
        $stream = /createobject\s{0,4}\(\s{0,4}["']adodb\.stream/ nocase
        $shell = /createobject\s{0,4}\(\s{0,4}["'](wscript\.shell|shell\.application)/ nocase
        $run = /\bshell\s{0,4}\(?\s{0,4}[a-z_]{1,40}\s{0,4},\s{0,4}(vbhide|0)\b/ nocase
    condition:
        filesize < 4MB and $start and ($download or ($request and $stream)) and ($shell or $run)
}

rule Dropper_Script_Host
{
    meta:
        description = "A script for the Windows Script Host that downloads a file, saves and starts it"
    strings:
        $request = /(createobject|activexobject)\s{0,4}\(\s{0,4}["'](msxml2\.(server)?xmlhttp|winhttp\.winhttprequest|microsoft\.xmlhttp)/ nocase
        $stream = /(createobject|activexobject)\s{0,4}\(\s{0,4}["']adodb\.stream/ nocase
        $save = /\.savetofile\b/ nocase
        $shell = /(createobject|activexobject)\s{0,4}\(\s{0,4}["'](wscript\.shell|shell\.application)/ nocase
        $temp = /(%temp%|%appdata%|%public%|getspecialfolder\s{0,4}\(\s{0,4}2)/ nocase
    condition:
        filesize < 1MB and all of them
}

rule Dropper_Shell_Fetch_And_Erase
{
    meta:
        description = "A shell script that fetches a program by address into a temporary folder, runs and erases it"
    strings:
        $fetch = /(wget|curl|tftp|ftpget|busybox\s{1,4}wget)\s{1,4}[^\n;]{0,60}(https?|ftp):\/\/([0-9]{1,3}\.){3}[0-9]{1,3}(:[0-9]{1,5})?\//
        $place = /cd\s{1,4}\/(tmp|var\/run|dev\/shm|var\/tmp|mnt)\b/
        $run = /chmod\s{1,4}(\+x|0?777|755)\s{1,4}[^\n;]{1,40}[;\n&]{1,3}\s{0,4}\.?\//
        $erase = /rm\s{1,4}-[rf]{1,2}\s/
    condition:
        filesize < 64KB and all of them
}
