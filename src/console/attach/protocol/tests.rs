use super::*;

async fn client(mut bytes: &[u8]) -> Result<Option<FromClient>, ProtocolError> {
    FromClient::read(&mut bytes).await
}

async fn server(mut bytes: &[u8]) -> Result<Option<FromServer>, ProtocolError> {
    FromServer::read(&mut bytes).await
}

fn hello() -> FromClient {
    let variables = [("TERM", "xterm"), ("LANG", "C.UTF-8"), ("NO_COLOR", "")];
    FromClient::Hello(Hello::new((80, 24), variables.into_iter().map(|(name, value)| (name, value.to_owned()))))
}

#[tokio::test]
async fn what_one_side_says_the_other_understands() {
    for said in [hello(), FromClient::Keys(Bytes::from_static(b"q\x1b[A")), FromClient::Size((500, 200))] {
        assert_eq!(client(&said.encode()).await.unwrap(), Some(said));
    }
    let end = Parting { wanted: false, sentence: "Too many sessions.".to_owned() };
    for said in [FromServer::Welcome, FromServer::Output(Bytes::from_static(b"\x1b[2J")), FromServer::End(end)] {
        assert_eq!(server(&said.encode()).await.unwrap(), Some(said));
    }
    assert_eq!(client(&[]).await.unwrap(), None, "closed between two frames");
    let FromClient::Hello(hello) = hello() else { panic!("it is one") };
    assert_eq!(hello.variable("LANG").as_deref(), Some("C.UTF-8"));
    assert_eq!(hello.variable("NO_COLOR").as_deref(), Some(""));
    assert_eq!((hello.variable("LAN"), hello.variable("COLORTERM")), (None, None));
}

#[tokio::test]
async fn output_of_any_length_travels_in_pieces() {
    let output: Bytes = (0..100_000_u32).map(|n| n as u8).collect();
    let encoded = FromServer::Output(output.clone()).encode();
    let (mut rest, mut together) = (encoded.as_slice(), Vec::new());
    while let Some(FromServer::Output(piece)) = FromServer::read(&mut rest).await.unwrap() {
        assert!(piece.len() <= PIECE);
        together.extend_from_slice(&piece);
    }
    assert_eq!(together, output);
}

#[tokio::test]
async fn a_version_that_is_not_ours_is_named_whatever_follows_it() {
    for after in [&b""[..], b"anything", &[0xff; 1_000]] {
        let hello = frame(b'H', &[&MAGIC[..], &7_u16.to_be_bytes(), after].concat());
        assert!(matches!(client(&hello).await, Err(ProtocolError::Version(7))), "{after:?}");
    }
}

#[tokio::test]
async fn what_is_no_frame_is_an_error_and_takes_no_memory() {
    let long = |kind| [kind, 0xff, 0xff].to_vec();
    let hello = hello().encode();
    for (bytes, why) in [
        (b"GET / HTTP/1.1\r\n".to_vec(), "kind"),
        (vec![0], "kind"),
        (long(b'H'), "too long"),
        (long(b'K'), "too long"),
        (long(b'S'), "too long"),
        (frame(b'S', &[0, 80]), "size"),
        (frame(b'H', b"openssh"), "begin"),
        (frame(b'H', &[&MAGIC[..], &VERSION.to_be_bytes(), &[0]].concat()), "too short"),
        (frame(b'H', &[&MAGIC[..], &VERSION.to_be_bytes(), &[0; 4], &[0xff, 0xfe]].concat()), "no text"),
        (hello[..hello.len() - 1].to_vec(), "eof"),
        (vec![b'K', 0], "eof"),
    ] {
        let said = client(&bytes).await.unwrap_err().to_string();
        assert!(said.contains(why), "{bytes:?}: {said}");
    }
    for bytes in [long(b'W'), long(b'O'), long(b'E'), frame(b'E', &[]), b"SSH-2.0-OpenSSH".to_vec()] {
        server(&bytes).await.unwrap_err();
    }
}

#[tokio::test]
async fn an_environment_of_any_length_fits_and_cannot_forge_a_variable() {
    let variables = [("TERM", "x".repeat(1 << 20)), ("LANG", "C\nNO_COLOR=1".to_owned()), ("LC_ALL", "C".to_owned())];
    let said = FromClient::Hello(Hello::new((0, 0), variables.into_iter()));
    let Some(FromClient::Hello(hello)) = client(&said.encode()).await.unwrap() else { panic!("it is a hello") };
    assert_eq!(hello.environment, "LC_ALL=C\n");
}

#[tokio::test]
async fn a_last_sentence_is_short_and_harmless() {
    let parting = Parting::new(false, &"\u{1f600}\x1b[2J".repeat(5_000));
    let Some(FromServer::End(read)) = server(&FromServer::End(parting.clone()).encode()).await.unwrap() else {
        panic!("it is an end")
    };
    assert_eq!(read, parting);
    assert!(!read.sentence.contains('\x1b'), "{}", read.sentence);
}
