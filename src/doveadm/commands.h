#ifndef COMMANDS_H
#define COMMANDS_H

/* The commands below "doveadm authres": the plugin registers them, each file
   doveadm-authres-NAME.c defines its own. */

struct doveadm_cmd_ver2;

/* What a user allows. */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_allow_list;
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_allow_add;
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_allow_remove;
/* config-report.h, a row for each finding. Asks the running verifier about
   itself and for a verdict on a message of our own making. Exit code 78
   (EX_CONFIG) if anything cannot work. */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_config;
/* domain-review.h, a row for each finding. Exit code 78 (EX_CONFIG) if
   something is wrong, 75 if DNS does not tell. */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_domain;
/* Send the aggregate reports of the days that are over. */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_report;
/* Sums over the history (history-totals.h). */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_stats;
/* Run the checks on one message and show their results. */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_verify;
/* Stored messages (review-command.h): the story of some, ... */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_explain;
/* ...those that mode=enforce would have put elsewhere, ... */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_impact;
/* ...those that fail their policy, ... */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_list;
/* ...and some taken out of Junk. */
extern struct doveadm_cmd_ver2 doveadm_cmd_authres_release;

#endif
