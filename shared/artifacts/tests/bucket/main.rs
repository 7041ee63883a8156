//! The bucket, over the real client and the real protocol: signatures, checksums and conditions are verified by the server.

mod blobs;
mod objects;
mod presigned;
mod s3;
