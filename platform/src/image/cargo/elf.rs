//! Whether a binary runs in an image that holds nothing else.

use std::path::Path;

use super::unreadable;
use crate::image::Error;

/// Names the program that loads a dynamic executable.
const PT_INTERP: u32 = 3;
/// Bytes of a file's and of a segment's header, 64 bits wide.
const FILE_HEADER: usize = 64;
const SEGMENT_HEADER: usize = 56;

/// Why a file is no static Linux program.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    /// Not an ELF file of 64 bits.
    Other,
    /// For another processor, by ELF's number.
    Machine(u16),
    /// It wants this program to load it.
    Dynamic(String),
}

/// Sees to it that the file is a static program for that architecture.
pub(super) fn check_file(component: &str, file: &Path, architecture: &str) -> Result<(), Error> {
    let contents = std::fs::read(file).map_err(|source| unreadable(file, source))?;
    let Err(wrong) = check(&contents, machine(architecture)) else {
        return Ok(());
    };
    let what = match wrong {
        Wrong::Other => "is no program for Linux".to_owned(),
        Wrong::Machine(machine) => {
            format!("is for another processor than {architecture} (ELF machine {machine})")
        }
        Wrong::Dynamic(loader) => format!(
            "is not static: it needs {loader}, which an image with nothing else does not have; a dependency may ask \
             for a dynamic library, or a setting for `-crt-static`"
        ),
    };
    Err(Error::Definition {
        component: component.to_owned(),
        message: format!("{} {what}", file.display()),
    })
}

/// ELF's number; `None` for one that is not checked.
fn machine(architecture: &str) -> Option<u16> {
    match architecture {
        "x86_64" => Some(62),
        "aarch64" => Some(183),
        "riscv64" => Some(243),
        _ => None,
    }
}

fn check(file: &[u8], machine: Option<u16>) -> Result<(), Wrong> {
    let header = file.get(..FILE_HEADER).ok_or(Wrong::Other)?;
    // Magic, 64 bits, least significant byte first: all machines that images are made for.
    if header[..6] != *b"\x7fELF\x02\x01" {
        return Err(Wrong::Other);
    }
    let is = u16::from_le_bytes([header[18], header[19]]);
    if machine.is_some_and(|machine| machine != is) {
        return Err(Wrong::Machine(is));
    }
    let begin = number(header, 32).ok_or(Wrong::Other)?;
    let count = usize::from(u16::from_le_bytes([header[56], header[57]]));
    for index in 0..count {
        let at = begin.checked_add(index * SEGMENT_HEADER).ok_or(Wrong::Other)?;
        let segment = file
            .get(at..)
            .and_then(|rest| rest.get(..SEGMENT_HEADER))
            .ok_or(Wrong::Other)?;
        if segment[..4] == PT_INTERP.to_le_bytes() {
            return Err(Wrong::Dynamic(loader(file, segment)));
        }
    }
    Ok(())
}

fn loader(file: &[u8], segment: &[u8]) -> String {
    let (begin, size) = (number(segment, 8), number(segment, 32));
    let path = begin
        .zip(size)
        .and_then(|(begin, size)| file.get(begin..begin.checked_add(size)?));
    let path = String::from_utf8_lossy(path.unwrap_or_default());
    crate::plain_line::plain_line(path.trim_end_matches('\0'))
}

/// The 64-bit number at an offset, as an offset or size.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
    usize::try_from(u64::from_le_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    /// A program with one segment of this kind, whose bytes follow the headers.
    fn program(kind: u32, bytes: &[u8]) -> Vec<u8> {
        let mut file = vec![0; FILE_HEADER + SEGMENT_HEADER];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[18] = 62;
        file[56] = 1;
        file[FILE_HEADER..][..4].copy_from_slice(&kind.to_le_bytes());
        let numbers = [
            (32, FILE_HEADER),
            (FILE_HEADER + 8, FILE_HEADER + SEGMENT_HEADER),
            (FILE_HEADER + 32, bytes.len()),
        ];
        for (at, number) in numbers {
            file[at..at + 8].copy_from_slice(&(number as u64).to_le_bytes());
        }
        file.extend_from_slice(bytes);
        file
    }

    #[test_case(&program(1, b"") => Ok(()); "static")]
    #[test_case(&program(3, b"/lib64/ld-linux-x86-64.so.2\0") => Err(Wrong::Dynamic("/lib64/ld-linux-x86-64.so.2".to_owned())); "dynamic")]
    #[test_case(b"\xcf\xfa\xed\xfe" => Err(Wrong::Other); "a program for macOS")]
    #[test_case(b"" => Err(Wrong::Other); "nothing")]
    #[test_case(&program(1, b"")[..70] => Err(Wrong::Other); "cut off")]
    fn checked(file: &[u8]) -> Result<(), Wrong> {
        check(file, Some(62))
    }

    #[test]
    fn a_program_for_another_processor_is_told() {
        assert_eq!(check(&program(1, b""), Some(183)), Err(Wrong::Machine(62)));
    }

    #[test]
    fn a_program_of_this_system_is_dynamic() {
        let own = std::fs::read("/bin/sh").unwrap();
        assert!(matches!(
            check(&own, machine(std::env::consts::ARCH)),
            Err(Wrong::Dynamic(_))
        ));
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(begin in 0u64.., count: u16, rest: Vec<u8>) {
            let mut file = program(3, &rest);
            file[32..40].copy_from_slice(&begin.to_le_bytes());
            file[56..58].copy_from_slice(&count.to_le_bytes());
            drop(check(&file, None));
        }
    }
}
