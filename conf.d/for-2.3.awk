# Writes 90-authres-2.3.conf from 90-authres.conf: the same settings and
# comments as a plugin block of Dovecot 2.3. A place that is not found is an
# error, so that no change of 90-authres.conf is lost here.

function skip_paragraph() {
	while ((getline line) > 0 && line ~ /^#/)
		;
	$0 = line
}

/^# The plugin is added/ {
	print "# The plugin is added where mail is delivered (and to imap), not globally: a"
	print "# global line does not reach a protocol block that already has its own"
	print "# mail_plugins line, as conf.d/20-lmtp.conf often does for sieve."
	print "# Where mail_plugins comes from a file (mail_plugins = </path), as in mailcow,"
	print "# that file must have no line break at its end: it becomes part of a plugin's"
	print "# name here, and lmtp does not start. \"doveadm authres config\" says so."
	skip_paragraph()
	found["plugin comment"] = 1
}

/^  mail_plugins \{$/ {
	print "  mail_plugins = $mail_plugins authres"
	while ((getline line) > 0 && line != "  }")
		;
	found["mail_plugins"]++
	next
}

/^# All settings with their defaults/ {
	print "# All settings with their defaults. Lists are separated by spaces or commas."
	print "plugin {"
	skip_paragraph()
	indent = "  "
	found["plugin"] = 1
	next
}

# a block with a dict is a URI
/^#authres_[a-z_]+ \{$/ {
	name = $1
	getline; driver = $3
	getline; path = $4
	getline; getline
	# one of the dict service is an example, not a default
	$0 = driver == "proxy" ? name " =" : name " = " driver ":" path
	found["dict"] = path ~ /^~/
}

{ print ($0 == "" ? "" : indent $0) }

END {
	print "}"
	if (!found["plugin comment"] || found["mail_plugins"] != 3 ||
	    !found["plugin"] || !found["dict"]) {
		print "for-2.3.awk: 90-authres.conf has another form" > "/dev/stderr"
		exit 1
	}
}
