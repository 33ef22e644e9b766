//! How the pages look.

/// Text that is safe between tags and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A whole page.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <title>{}</title><style>{STYLE}</style></head><body><header><a href=\"/\">QuickBooks, simulated</a></header><main>{body}</main></body></html>",
        escape(title)
    )
}

const STYLE: &str = "\
:root{--ink:#1f2a30;--quiet:#63717a;--line:#dfe5e8;--green:#2ca01c;--paper:#fff;--ground:#f4f6f7}\
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:var(--ink);background:var(--ground)}\
header{background:var(--green);padding:.7rem 1.5rem}header a{color:#fff;font-weight:600;text-decoration:none}\
main{max-width:66rem;margin:0 auto;padding:1.5rem}h1{font-size:1.6rem;margin:.2rem 0 .4rem}h2{font-size:1.15rem;margin:2rem 0 .6rem}\
.quiet{color:var(--quiet)}code{font-size:.85em;background:#e9eef0;padding:.1em .35em;border-radius:3px}\
table{width:100%;border-collapse:collapse;background:var(--paper);border:1px solid var(--line);border-radius:6px}\
th,td{text-align:left;padding:.45rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600;font-size:.85rem;color:var(--quiet)}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}a{color:#0b6b9e}\
article{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:1rem 1.2rem;margin:0 0 1rem;break-inside:avoid}\
article:target{border-color:var(--green);box-shadow:0 0 0 3px #2ca01c33}article h3{margin:0;font-size:1.05rem;display:flex;justify-content:space-between;gap:1rem}\
article table{border:0;margin-top:.6rem}article dl{display:flex;flex-wrap:wrap;gap:.1rem 1.4rem;margin:.4rem 0 0}dt{color:var(--quiet)}dl div{display:flex;gap:.4rem}dd{margin:0}\
tfoot td{border-bottom:0;padding-block:.15rem}tfoot tr.total td{font-weight:700;border-top:2px solid var(--ink)}\
nav.jump{display:flex;gap:1.2rem;margin:.6rem 0 1rem}.void{opacity:.6}.tag{font-size:.75rem;background:#fde9c8;border-radius:3px;padding:.1em .45em}\
.consent{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:1.5rem;max-width:34rem;margin:2rem auto}fieldset{border:1px solid var(--line);border-radius:6px}\
.choice{display:block;padding:.35rem 0}button{font:inherit;font-weight:600;background:var(--green);color:#fff;border:0;border-radius:4px;padding:.55rem 1.4rem;cursor:pointer}\
button.plain{background:none;color:var(--ink);border:1px solid var(--line)}\
@media(max-width:40rem){main{padding:1rem}th,td{padding:.35rem .4rem}}\
@media print{header,nav.jump{display:none}body{background:#fff}main{max-width:none;padding:0}article,table{border-color:#999}}";
