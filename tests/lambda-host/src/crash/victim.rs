//! The victim: the process at the other end of a loopback connection.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Kills the process that holds the client side of a connection, where its program has this file name.
///
/// `client` is the connection's address as the server sees it. Gives the pid, or `None` where it is somebody else.
#[must_use]
pub fn kill_client(client: SocketAddr, program: &str) -> Option<i32> {
    let inode = inode_of(client)?;
    let pid = holder_of(&format!("socket:[{inode}]"), program)?;
    kill(Pid::from_raw(pid), Signal::SIGKILL).ok()?;
    Some(pid)
}

/// The socket's inode, from the kernel's list of connections.
fn inode_of(client: SocketAddr) -> Option<u64> {
    let connections = fs::read_to_string("/proc/net/tcp").ok()?;
    let port = format!(":{:04X}", client.port());
    connections.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let local = fields.get(1)?;
        let inode: u64 = fields.get(9)?.parse().ok()?;
        (local.ends_with(&port) && inode != 0).then_some(inode)
    })
}

/// The process of this program that holds a socket.
fn holder_of(socket: &str, program: &str) -> Option<i32> {
    let processes = fs::read_dir("/proc").ok()?;
    processes.filter_map(Result::ok).find_map(|process| {
        let pid: i32 = process.file_name().to_str()?.parse().ok()?;
        let path = fs::read_link(process.path().join("exe")).ok()?;
        let same = path.file_name()?.to_str()?.trim_end_matches(" (deleted)") == program;
        (same && holds(&process.path(), socket)).then_some(pid)
    })
}

fn holds(process: &Path, socket: &str) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    let same = |file: fs::DirEntry| {
        fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == socket)
    };
    files.filter_map(Result::ok).any(same)
}
