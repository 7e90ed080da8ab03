//! A night with its vault on S3, as moto (from PyPI) speaks it: the same digest as with a folder, and everything agrees.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::centre::{Centre, SMALL_DATE, free_port, make_small_city, text};
use crate::machine::ensure_python_peers;
use crate::shell::{DEBUG, program};

const BUCKET: &str = "centre";

/// Runs one day in a folder and one on S3, and compares.
pub(crate) fn run_all() -> Result<()> {
    let peers = ensure_python_peers()?;
    let dir = std::env::temp_dir().join(format!("tongclear-s3-{}", std::process::id()));
    let (program, city) = (program(DEBUG), dir.join("city"));
    make_small_city(&program, &city)?;
    let storage = Storage::start(&peers.join("bin/moto_server"))?;
    let in_folder = Centre::new(program.clone(), dir.join("folder"), None);
    let on_s3 = Centre::new(program, dir.join("s3"), None).with_vault_on_s3(storage.port, BUCKET);
    for centre in [&in_folder, &on_s3] {
        centre.knows(&city)?;
        centre.clears(&city)?;
    }
    let (expected, found) = (in_folder.digest(SMALL_DATE)?, on_s3.digest(SMALL_DATE)?);
    ensure!(expected == found, "in a folder {expected}, on S3 {found}");
    on_s3.done(&["check"])?;
    let backup = dir.join("backup");
    on_s3.done(&["backup", "--out", &text(&backup)])?;
    ensure!(!on_s3.data.join("vault").exists(), "a vault lies in the data folder");
    println!("  a night on S3: {found}");
    // What cannot be removed now is in the way of nobody.
    let _ = std::fs::remove_dir_all(&dir);
    Ok(())
}

/// Something that speaks like S3, with one bucket, gone when it is dropped.
struct Storage {
    process: Child,
    port: u16,
}

impl Storage {
    fn start(server: &std::path::Path) -> Result<Self> {
        const WAIT: Duration = Duration::from_secs(60);
        let port = free_port()?;
        let process = Command::new(server)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start moto")?;
        let storage = Self { process, port };
        let started = Instant::now();
        while !storage.make_bucket() {
            ensure!(started.elapsed() < WAIT, "moto does not answer");
            sleep(Duration::from_millis(100));
        }
        Ok(storage)
    }

    /// Makes the bucket with a plain request; moto looks at no signature.
    fn make_bucket(&self) -> bool {
        use std::io::{Read as _, Write as _};
        let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let request = format!(
            "PUT /{BUCKET} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-length: 0\r\nconnection: close\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, \
             SignedHeaders=host, Signature=0\r\n\r\n",
            self.port
        );
        let mut answer = String::new();
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // One that ended is not there to be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
