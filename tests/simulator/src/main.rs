//! The simulator as a program: `simulator --listen 127.0.0.1:PORT`.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use simulator::{Intuit, Json, serve};
use tokio::net::TcpListener;

const USAGE: &str = "\
simulator [--listen HOST:PORT] [--books FILE]... [--seed N]
          [--client-id ID] [--client-secret SECRET] [--redirect-uri URI]...

Plays QuickBooks Online and Intuit's OAuth. --listen 127.0.0.1:0 takes a free port; the first line on standard
output is the address. --books adds a company, or an array of them, from a JSON file like those in companies/.
";

/// What the command line asks for.
struct Options {
    listen: String,
    seed: u64,
    books: Vec<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    redirect_uris: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let _closed = writeln!(std::io::stderr(), "simulator: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let Some(options) = options(std::env::args().skip(1))? else {
        let _closed = std::io::stdout().write_all(USAGE.as_bytes());
        return Ok(());
    };
    let mut intuit = Intuit::new(options.seed);
    for file in &options.books {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let companies = match Json::read(&text)? {
            Json::List(companies) => companies,
            company => vec![company],
        };
        for company in companies {
            intuit
                .add_company(&company.to_text())
                .map_err(|problem| format!("{file}: {problem}"))?;
        }
    }
    let app = intuit.app();
    if let Some(id) = options.client_id {
        app.client_id = id;
    }
    if let Some(secret) = options.client_secret {
        app.client_secret = secret;
    }
    if !options.redirect_uris.is_empty() {
        app.redirect_uris = options.redirect_uris;
    }
    let listener = TcpListener::bind(&options.listen)
        .await
        .map_err(|error| format!("{}: {error}", options.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let mut out = std::io::stdout();
    let _closed = writeln!(out, "http://{address}").and_then(|()| out.flush());
    tokio::select! {
        () = serve(listener, Arc::new(Mutex::new(intuit))) => Ok(()),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        listen: "127.0.0.1:8090".to_owned(),
        seed: 1,
        books: Vec::new(),
        client_id: None,
        client_secret: None,
        redirect_uris: Vec::new(),
    };
    while let Some(argument) = arguments.next() {
        if matches!(argument.as_str(), "-h" | "--help") {
            return Ok(None);
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"))?;
        match argument.as_str() {
            "--listen" => options.listen = value,
            "--books" => options.books.push(value),
            "--seed" => {
                options.seed = value
                    .parse()
                    .map_err(|_| "--seed needs a number".to_owned())?
            }
            "--client-id" => options.client_id = Some(value),
            "--client-secret" => options.client_secret = Some(value),
            "--redirect-uri" => options.redirect_uris.push(value),
            other => return Err(format!("{other} is not an option\n\n{USAGE}")),
        }
    }
    Ok(Some(options))
}
