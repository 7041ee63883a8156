use std::sync::atomic::Ordering;

use bytes::Bytes;
use http_body_util::BodyExt;

use crate::s3::{S3, deployment};
use crate::visit::{address, get, header, router};

const MEGABYTE: usize = 1024 * 1024;

#[tokio::test]
async fn a_large_file_is_passed_on_as_it_comes_and_never_held_as_a_whole() {
    let s3 = S3::start().await;
    let large: Vec<u8> = (0..50 * MEGABYTE).map(|index| (index / 4096 % 251) as u8).collect();
    s3.deploy(deployment(), &[("large.bin", "application/octet-stream", &large, b"")]).await;
    let router = router(&s3);
    let before = s3.traffic.sent.load(Ordering::SeqCst);
    let response = get(&router, &address("/large.bin"), &[]).await;
    assert_eq!(header(&response, "content-length"), Some((50 * MEGABYTE).to_string().as_str()));

    let (mut body, mut received, mut furthest_ahead, mut chunks) = (response.into_body(), 0, 0, 0);
    while let Some(frame) = body.frame().await {
        let chunk: Bytes = frame.unwrap().into_data().unwrap();
        assert_eq!(chunk, large[received..received + chunk.len()]);
        (received, chunks) = (received + chunk.len(), chunks + 1);
        let sent = s3.traffic.sent.load(Ordering::SeqCst) - before;
        furthest_ahead = furthest_ahead.max(sent.saturating_sub(received as u64));
    }
    assert_eq!(received, large.len());
    assert!(chunks > 50, "{chunks} chunks");
    // What S3 has sent and the visitor has not got is in the sockets and in our hands: a buffered file would be 50 MB.
    assert!(furthest_ahead < 16 * MEGABYTE as u64, "{furthest_ahead} bytes were read ahead");
}
