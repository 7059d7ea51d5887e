/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "base64.h"
#include "sha2.h"
#include "str.h"
#include "stats-page-private.h"

/* Colours have a contrast of 3 : 1 at least to what is behind them, text one of
   4.5 : 1 (WCAG 2.1), in the light and in the dark. A narrow screen leaves out
   the columns of class "wide", and nothing is wider than the screen. */
static const char style[] =
"\n"
":root{color-scheme:light dark;--bg:#fbfbf9;--card:#fff;--text:#1d2126;"
"--soft:#59616b;--line:#dcdfe3;--track:#eceef1;--passed:#2e7d4f;"
"--failed:#b3541e;--other:#7c8794;--junk:#b07d00;--rejected:#a8243a;"
"--taken:#2a66b8}\n"
"@media (prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1d2125;"
"--text:#e6e8ea;--soft:#a3abb5;--line:#363c43;--track:#2b3036;"
"--passed:#5cb985;--failed:#e88d55;--other:#8c96a3;--junk:#dcae3c;"
"--rejected:#ee7486;--taken:#79aef2}}\n"
"*{box-sizing:border-box}\n"
"body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);"
"color:var(--text);font:1rem/1.45 system-ui,sans-serif;"
"overflow-wrap:anywhere}\n"
"h1{font-size:1.4rem;margin:0 0 .2rem}h2{font-size:1.05rem;margin:0 0 .6rem}\n"
"header p,.note,.axis,.max{color:var(--soft);margin:0}\n"
".tiles{display:grid;gap:.6rem;padding:0;margin:1rem 0;"
"grid-template-columns:repeat(auto-fit,minmax(6.5rem,1fr))}\n"
".tiles div,section{background:var(--card);border:1px solid var(--line);"
"border-radius:.5rem;padding:.8rem}\n"
".tiles dt{color:var(--soft);font-size:.85rem}"
".tiles dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}\n"
".charts{display:grid;gap:1rem;"
"grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}\n"
"section{min-width:0}main>section{margin-top:1rem}\n"
".bars{list-style:none;margin:0;padding:0}.bars li{display:grid;"
"grid-template-columns:1fr auto;gap:.1rem .8rem;margin-bottom:.5rem}\n"
".bars svg{grid-column:1/3;display:block}.n{font-variant-numeric:"
"tabular-nums}\n"
"svg .track{fill:var(--track)}svg .passed{fill:var(--passed)}"
"svg .failed{fill:var(--failed)}svg .other{fill:var(--other)}"
"svg .junk{fill:var(--junk)}svg .rejected{fill:var(--rejected)}"
"svg .taken{fill:var(--taken)}\n"
".days{display:block;border-top:1px dashed var(--line);"
"border-bottom:1px solid var(--soft)}\n"
".axis{display:flex;justify-content:space-between;font-size:.8rem}"
".max{font-size:.8rem}\n"
".legend{margin:0 0 .4rem;font-size:.85rem}"
".legend span{margin-right:.8rem;white-space:nowrap}"
".legend i{display:inline-block;width:.75rem;height:.75rem;"
"margin-right:.35rem}\n"
"i.passed{background:var(--passed)}i.failed{background:var(--failed)}"
"i.other{background:var(--other)}i.junk{background:var(--junk)}"
"i.rejected{background:var(--rejected)}i.taken{background:var(--taken)}\n"
".advice{margin:0;padding-left:1.2rem}.advice .do{font-weight:600}\n"
"details{margin-top:.4rem}summary{cursor:pointer;padding:.4rem 0;"
"font-weight:600}\n"
"table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
"th,td{padding:.3rem .4rem;text-align:right;vertical-align:top;"
"border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}\n"
"td{white-space:nowrap}th:first-child,td:first-child{text-align:left}"
"td:first-child{white-space:normal}.by-day td{white-space:nowrap}"
"tbody tr:hover{"
"background:var(--track)}\n"
"thead th{color:var(--soft);font-weight:600;vertical-align:bottom;"
"overflow-wrap:normal}tfoot td{font-weight:600;border-bottom:0}\n"
"th button{font:inherit;color:inherit;background:none;border:0;padding:0;"
"text-align:inherit;cursor:pointer;text-decoration:underline dotted}\n"
"th[aria-sort=ascending] button::after{content:\" \\2191\"}"
"th[aria-sort=descending] button::after{content:\" \\2193\"}\n"
"@media (max-width:40rem){body{padding:.6rem}.wide{display:none}"
"th,td{padding:.3rem .2rem}table{font-size:.85rem}}\n"
"@media (min-width:40.01rem){.narrow{display:none}}\n";

/* Sorts a table by the column whose head is pressed: numbers with the greatest
   first, text from a on, and the other way round when pressed again. */
static const char script[] =
"\n"
"'use strict';\n"
"document.querySelectorAll('table').forEach(function(table){\n"
" var heads=table.tHead.rows[0].cells,body=table.tBodies[0];\n"
" function text(row,i){return row.cells[i].textContent;}\n"
" function number(row,i){return Number(text(row,i).replace(/,/g,''));}\n"
" Array.prototype.forEach.call(heads,function(head,i){\n"
"  var button=document.createElement('button');\n"
"  button.type='button';\n"
"  button.textContent=head.textContent;\n"
"  head.replaceChildren(button);\n"
"  button.addEventListener('click',function(){\n"
"   var up=head.getAttribute('aria-sort')===\n"
"    (i===0?'descending':'ascending')?i===0:\n"
"    head.hasAttribute('aria-sort')?i!==0:i===0;\n"
"   var rows=Array.prototype.slice.call(body.rows);\n"
"   rows.sort(function(a,b){\n"
"    var order=i===0?(text(a,0)<text(b,0)?-1:text(a,0)>text(b,0)?1:0):\n"
"     number(a,i)-number(b,i);\n"
"    return up?order:-order;\n"
"   });\n"
"   Array.prototype.forEach.call(heads,function(other){\n"
"    other.removeAttribute('aria-sort');\n"
"   });\n"
"   head.setAttribute('aria-sort',up?'ascending':'descending');\n"
"   rows.forEach(function(row){body.appendChild(row);});\n"
"  });\n"
" });\n"
"});\n";

/* "'sha256-...'" of CSP, for what stands between the tags. */
static void source_append(string_t *dest, const char *text)
{
	unsigned char digest[SHA256_RESULTLEN];

	sha256_get_digest(text, strlen(text), digest);
	str_append(dest, "'sha256-");
	base64_encode(digest, sizeof(digest), dest);
	str_append_c(dest, '\'');
}

void stats_page_policy(string_t *dest)
{
	str_append(dest, "<meta http-equiv=\"Content-Security-Policy\" "
		   "content=\"default-src 'none'; base-uri 'none'; "
		   "form-action 'none'; style-src ");
	source_append(dest, style);
	str_append(dest, "; script-src ");
	source_append(dest, script);
	str_append(dest, "\">\n");
}

void stats_page_style(string_t *dest)
{
	str_printfa(dest, "<style>%s</style>\n", style);
}

void stats_page_script(string_t *dest)
{
	str_printfa(dest, "<script>%s</script>\n", script);
}
