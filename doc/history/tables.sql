-- The history of authres (authres_history). SQLite and PostgreSQL take it as it
-- is. authres only speaks to it through Dovecot's dict service.

-- messages that agree in everything, counted
CREATE TABLE authres_row (
  day INTEGER NOT NULL,               -- days since 1970-01-01 UTC
  domain VARCHAR(253) NOT NULL,       -- policy domain, '-' = none
  hash CHAR(32) NOT NULL,             -- of data
  data TEXT NOT NULL,                 -- tab-separated, its version first
  n BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (day, domain, hash)
);

-- DMARC records that held on that day
CREATE TABLE authres_policy (
  day INTEGER NOT NULL,
  domain VARCHAR(253) NOT NULL,
  config CHAR(16) NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (day, domain, config)
);

-- what was done about the report of that day
CREATE TABLE authres_report (
  day INTEGER NOT NULL,
  domain VARCHAR(253) NOT NULL,
  dest VARCHAR(320) NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (day, domain, dest)
);

-- destinations that get no reports now, and those that once got one
CREATE TABLE authres_suppress (
  dest VARCHAR(320) NOT NULL PRIMARY KEY,
  state TEXT NOT NULL
);

-- how far the spool of each host is written
CREATE TABLE authres_spool (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  position VARCHAR(20) NOT NULL
);
