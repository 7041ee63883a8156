use domain::Sha256;
use domain::log::{LogLine, Stage, Stream};
use domain::upload::LogChunk;
use domain::{DeploymentId, Environment};

use crate::installation::Installation;
use crate::making::{moment, trigger_of};

fn id(number: u64) -> DeploymentId {
    trigger_of(number, number, Environment::Production).id
}

fn chunk(number: u32, text: &str) -> LogChunk {
    let line = LogLine { at: moment(1), stage: Stage::Build, stream: Stream::Stdout, text: text.into() };
    LogChunk { number, lines: vec![line] }
}

async fn texts(here: &Installation, from: u32) -> (Vec<String>, u32) {
    let (lines, next) = here.deployments.read_log(id(1), from).await.unwrap();
    (lines.into_iter().map(|line| line.text).collect(), next)
}

#[tokio::test]
async fn a_repeated_chunk_changes_nothing() {
    let here = Installation::new().await;
    for text in ["first", "again"] {
        here.deployments.write_log(id(1), 1, &chunk(0, text), moment(1)).await.unwrap();
    }
    assert_eq!(texts(&here, 0).await, (vec!["first".to_owned()], 1));
}

#[tokio::test]
async fn a_log_is_read_on_from_where_the_reader_stopped() {
    let here = Installation::new().await;
    assert_eq!(texts(&here, 0).await, (vec![], 0));
    here.deployments.write_log(id(2), 1, &chunk(0, "another deployment's"), moment(1)).await.unwrap();
    here.deployments.set_verified_pages(id(1), &[Sha256::of(b"page")], moment(1)).await.unwrap();
    for number in 0..120 {
        here.deployments.write_log(id(1), 1, &chunk(number, &number.to_string()), moment(1)).await.unwrap();
    }
    let (mut read, mut from) = (Vec::new(), 0);
    loop {
        let (lines, next) = texts(&here, from).await;
        if next == from {
            break;
        }
        assert_eq!(lines.len() as u32, next - from);
        read.extend(lines);
        from = next;
    }
    assert_eq!(read, (0..120).map(|number| number.to_string()).collect::<Vec<_>>());
    here.deployments.write_log(id(1), 1, &chunk(120, "more"), moment(1)).await.unwrap();
    assert_eq!(texts(&here, from).await, (vec!["more".to_owned()], 121));
}

#[tokio::test]
async fn lines_keep_every_character() {
    let here = Installation::new().await;
    let odd = "\u{1b}[31mrot\u{1b}[0m \"\\ é 🚀 \u{0}";
    here.deployments.write_log(id(1), 1, &chunk(0, odd), moment(1)).await.unwrap();
    assert_eq!(texts(&here, 0).await.0, [odd]);
}

#[tokio::test]
async fn a_second_attempts_log_follows_the_firsts() {
    let here = Installation::new().await;
    here.deployments.write_log(id(1), 1, &chunk(0, "first"), moment(1)).await.unwrap();
    let (_, next) = texts(&here, 0).await;
    here.deployments.write_log(id(1), 2, &chunk(0, "second"), moment(2)).await.unwrap();
    assert_eq!(texts(&here, next).await.0, ["second"]);
    assert_eq!(texts(&here, 0).await.0, ["first", "second"]);
}

#[tokio::test]
async fn the_progress_of_an_upload_is_kept() {
    let here = Installation::new().await;
    let pages = [Sha256::of(b"one"), Sha256::of(b"two")];
    assert_eq!(here.deployments.verified_pages(id(1)).await.unwrap(), []);
    for verified in [&pages[..1], &pages] {
        here.deployments.set_verified_pages(id(1), verified, moment(1)).await.unwrap();
        assert_eq!(here.deployments.verified_pages(id(1)).await.unwrap(), verified);
    }
    assert_eq!(here.deployments.verified_pages(id(2)).await.unwrap(), []);
}
