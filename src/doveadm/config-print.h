#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include "config-report.h"

/* Print rows as a table, and make the command's exit code EX_CONFIG if one of
   them has state error. */
void config_print(const ARRAY_TYPE(config_row) *rows);

#endif
