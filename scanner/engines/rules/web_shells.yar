// SPDX-License-Identifier: GPL-2.0-or-later
// Server pages that run what their visitor sends: what is left behind in upload folders.

rule WebShell_PHP_Request_To_Code
{
    meta:
        description = "PHP that hands a request's parameter straight to eval or a shell"
    strings:
        $php = "<?php" nocase
        $short = "<?="
        $run = /\b(eval|assert|system|shell_exec|passthru|exec|popen|proc_open|create_function)\s{0,8}\(\s{0,8}(@|stripslashes\s?\(|trim\s?\(|urldecode\s?\(|base64_decode\s?\(|gzinflate\s?\(|str_rot13\s?\(){0,3}\s{0,8}\$_(GET|POST|REQUEST|COOKIE|SERVER\[['"]HTTP_)/ nocase
        $backtick = /`\s{0,8}\$_(GET|POST|REQUEST|COOKIE)\s{0,8}\[/ nocase
        $callable = /\$_(GET|POST|REQUEST|COOKIE)\s{0,8}\[[^\]]{1,40}\]\s{0,8}\(\s{0,8}@?\$_(GET|POST|REQUEST|COOKIE)/ nocase
    condition:
        filesize < 1MB and ($php or $short) and ($run or $backtick or $callable)
}

rule WebShell_PHP_Packed_Eval
{
    meta:
        description = "PHP whose whole body is unpacked from a long literal and evaluated"
    strings:
        $php = "<?php" nocase
        $unpack = /\b(eval|assert)\s{0,8}\(\s{0,8}@?(gzinflate|gzuncompress|gzdecode|str_rot13|strrev)\s{0,8}\(\s{0,8}(base64_decode|str_rot13|strrev|gzinflate)\s{0,8}\(\s{0,8}['"][A-Za-z0-9+\/=]{100}/ nocase
    condition:
        filesize < 4MB and $php and $unpack
}

rule WebShell_JSP_Request_To_Process
{
    meta:
        description = "JSP that starts a process from a request's parameter"
    strings:
        $page = "<%"
        $direct = /getRuntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\(\s{0,8}[^;]{0,80}request\s{0,4}\.\s{0,4}getParameter/
        $builder = /new\s{1,8}ProcessBuilder\s{0,4}\([^;]{0,120}request\s{0,4}\.\s{0,4}getParameter/
    condition:
        filesize < 512KB and $page and ($direct or $builder)
}

rule WebShell_ASP_Request_To_Code
{
    meta:
        description = "ASP that evaluates a request's parameter"
    strings:
        $page = "<%"
        $run = /\b(eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request\s{0,4}(\.\s{0,4}(item|form|querystring)\s{0,4})?[\[\(]\s{0,4}["']/ nocase
    condition:
        filesize < 512KB and $page and $run
}
