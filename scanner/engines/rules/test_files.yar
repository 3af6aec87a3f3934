// SPDX-License-Identifier: GPL-2.0-or-later
// Harmless files that every scanner must find.

rule EICAR_Test_File
{
    meta:
        description = "The EICAR anti-virus test file, at the start of a short file as its makers define it"
        reference = "https://www.eicar.org/download-anti-malware-testfile/"
    strings:
        $eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    condition:
        $eicar at 0 and filesize <= 128
}
