//! Files that are whole or absent, also after a crash.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Replaces a file's content: the old one stays until the new one is on the disk.
///
/// # Errors
/// The disk's.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder(path)
}

/// Removes a file; that it is already gone is no error.
///
/// # Errors
/// The disk's.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync_folder(path),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The complete files of a folder, in the order of their names. What a crash left half-written is removed.
///
/// # Errors
/// The disk's.
pub fn read_folder(folder: &Path) -> io::Result<Vec<(std::path::PathBuf, Vec<u8>)>> {
    fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("new") => fs::remove_file(&path)?,
            Some("json") => files.push((path.clone(), fs::read(&path)?)),
            _ => {}
        }
    }
    files.sort();
    Ok(files)
}
