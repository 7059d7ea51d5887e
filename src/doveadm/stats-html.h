#ifndef STATS_HTML_H
#define STATS_HTML_H

/* Text in HTML. What comes out of the history was chosen by strangers. */

/* Append text so that it is text, between tags and in a quoted attribute: the
   five characters of markup are escaped, what is no printable ASCII is "?". */
void html_append(string_t *dest, const char *text);
/* "41,205". Data stack. */
const char *t_html_count(uint64_t count);
/* part of total as "12.5%": a width, which 0 is only for 0. Data stack. */
const char *t_html_percent(uint64_t part, uint64_t total);

#endif
