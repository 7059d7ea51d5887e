#ifndef CONFIG_REPORTS_H
#define CONFIG_REPORTS_H

struct authres_settings;

/* What the history says of reports. */
struct config_reports {
	/* mails that were sent about the days that are open
	   (report_day_is_open()), and the last of them; 0 = never */
	unsigned int sent;
	time_t last_sent;
	/* addresses that get none at present, since their MTA refused some */
	unsigned int suppressed;
	/* the timer of our packages is enabled on this host */
	bool timer;
};

/* Ask the dict of authres_history. Returns 0, or -1 and error_r (data
   stack). */
int config_reports_ask(const struct authres_settings *set, time_t now,
		       struct config_reports *reports_r, const char **error_r);

#endif
