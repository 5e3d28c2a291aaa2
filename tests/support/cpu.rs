//! What a piece of work costs.

use std::time::Duration;

/// CPU of this thread alone so far: other tests, and other programs, keep the machine busy.
pub fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
