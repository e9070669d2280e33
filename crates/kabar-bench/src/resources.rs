//! What the system tells of another process: how much memory it holds, and how much of the processors it has used.

use std::time::Duration;

use anyhow::Context as _;

/// How many of the system's ticks make a second, wherever Linux runs.
const TICKS_A_SECOND: u32 = 100;

/// A process, by its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resources(u32);

impl Resources {
    pub(crate) const fn of(process: u32) -> Self {
        Self(process)
    }

    /// How long it has run on processors, for itself and in the kernel.
    pub(crate) fn cpu(self) -> anyhow::Result<Duration> {
        let stat = self.read("stat")?;
        ticks(&stat).map(|ticks| Duration::from_secs(ticks) / TICKS_A_SECOND).context("the kernel tells no times")
    }

    /// How much of its memory is in the machine's, in bytes.
    pub(crate) fn resident(self) -> anyhow::Result<u64> {
        kilobytes(&self.read("status")?, "VmRSS:").map(|kb| kb * 1024).context("the kernel tells no memory")
    }

    /// How much of its memory was ever in the machine's at most, in bytes.
    pub(crate) fn peak(self) -> anyhow::Result<u64> {
        kilobytes(&self.read("status")?, "VmHWM:").map(|kb| kb * 1024).context("the kernel tells no memory")
    }

    fn read(self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.0);
        std::fs::read_to_string(&path).with_context(|| format!("{path} can't be read"))
    }
}

/// The 14th and 15th field, counted after the program's name, which may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_tells_is_read() {
        let stat = "12 (a) b) c) S 1 12 12 0 -1 4194560 100 0 0 0 250 50 7 7 20 0 9 0 100 1000 10";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(kilobytes("Name:\tkabar\nVmRSS:\t    2048 kB\n", "VmRSS:"), Some(2048));
        let this = Resources::of(std::process::id());
        assert!(this.resident().unwrap() > 1024 * 1024 && this.peak().unwrap() > 1024 * 1024);
        this.cpu().unwrap();
    }
}
