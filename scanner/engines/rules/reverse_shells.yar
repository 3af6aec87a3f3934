// SPDX-License-Identifier: GPL-2.0-or-later
// One-liners that give a shell to who waits at an address. Each wants a literal address and port, or sh tied to a
// socket: pages that explain the trick with placeholders are not meant.

rule ReverseShell_Dev_Tcp
{
    meta:
        description = "A shell whose input and output are a /dev/tcp connection"
    strings:
        $interactive = /\b(ba|z|k|da)?sh\s{1,4}-i\s{0,4}[0-9]?>&?\s{0,4}\/dev\/(tcp|udp)\/([0-9]{1,3}\.){3}[0-9]{1,3}\/[0-9]{1,5}/
        $exec = /exec\s{1,4}[0-9]{1,3}<>\s{0,2}\/dev\/tcp\/([0-9]{1,3}\.){3}[0-9]{1,3}\/[0-9]{1,5}[;\n][^\n]{0,80}(while\s{1,4}read|cat\s{0,4}<&|(ba)?sh\s{0,4}<&)/
    condition:
        filesize < 1MB and any of them
}

rule ReverseShell_Netcat
{
    meta:
        description = "netcat that gives a shell to an address, with -e or through a fifo"
    strings:
        $exec = /\b(nc|ncat|netcat|nc\.traditional)\s{1,4}(-[a-z]{1,6}\s{1,4}){0,4}(-e|-c|--exec|--sh-exec)\s{1,4}\/?(usr\/)?(bin\/)?(ba|z|da)?sh\s{1,4}([0-9]{1,3}\.){3}[0-9]{1,3}\s{1,4}[0-9]{1,5}/
        $exec_last = /\b(nc|ncat|netcat|nc\.traditional)\s{1,4}([0-9]{1,3}\.){3}[0-9]{1,3}\s{1,4}[0-9]{1,5}\s{1,4}(-e|-c|--exec|--sh-exec)\s{1,4}\/?(usr\/)?(bin\/)?(ba|z|da)?sh\b/
        $fifo = /mkfifo\s{1,4}[^\n;&|]{1,60}[;&][^\n]{0,80}\|\s{0,4}\/?(usr\/)?(bin\/)?(ba|z|da)?sh\s{1,4}-i[^\n]{0,20}\|\s{0,4}(nc|ncat|netcat)\s{1,4}([0-9]{1,3}\.){3}[0-9]{1,3}\s{1,4}[0-9]{1,5}/
    condition:
        filesize < 1MB and any of them
}

rule ReverseShell_Python
{
    meta:
        description = "Python that makes a connected socket the standard streams of a shell"
    strings:
        $connect = /\.connect\s{0,4}\(\s{0,4}\(\s{0,4}\\?["']([0-9]{1,3}\.){3}[0-9]{1,3}\\?["']\s{0,4},\s{0,4}[0-9]{1,5}/
        $in = /dup2\s{0,4}\(\s{0,4}\w{1,20}\.fileno\(\)\s{0,4},\s{0,4}0\s{0,4}\)/
        $out = /dup2\s{0,4}\(\s{0,4}\w{1,20}\.fileno\(\)\s{0,4},\s{0,4}1\s{0,4}\)/
        $spawn = /pty\.spawn\s{0,4}\(\s{0,4}\\?["'](\/(usr\/)?bin\/)?(ba|z|da)?sh/
        $call = /(subprocess\.call|subprocess\.Popen|os\.execv?p?l?e?|os\.system)\s{0,4}\(\s{0,4}\[?\s{0,4}\\?["'](\/(usr\/)?bin\/)?(ba|z|da)?sh/
    condition:
        filesize < 512KB and $connect and $in and $out and ($spawn or $call)
}

rule ReverseShell_Perl
{
    meta:
        description = "Perl that opens its standard streams to a socket and becomes a shell"
    strings:
        $connect = /connect\s{0,4}\(\s{0,4}S\s{0,4},\s{0,4}sockaddr_in\s{0,4}\(/
        $in = /open\s{0,4}\(\s{0,4}STDIN\s{0,4},\s{0,4}["']>&S["']/
        $shell = /exec\s{0,4}\(?\s{0,4}\{?["']\/bin\/(ba)?sh\s{0,2}(-i)?["']/
    condition:
        filesize < 512KB and all of them
}

rule ReverseShell_PHP
{
    meta:
        description = "PHP that ties a shell to a connection"
    strings:
        $connect = /fsockopen\s{0,4}\(\s{0,4}\\?["']([0-9]{1,3}\.){3}[0-9]{1,3}\\?["']\s{0,4},\s{0,4}[0-9]{1,5}/
        $shell = /(exec|shell_exec|system|passthru|popen)\s{0,4}\(\s{0,4}\\?["']\/bin\/(ba)?sh\s{1,4}-i\s{0,4}<&[0-9]\s{0,4}>&[0-9]/
    condition:
        filesize < 512KB and $connect and $shell
}
