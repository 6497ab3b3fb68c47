-- What each node writes, again and again, to see when a replica has it: how far the replica is behind.

CREATE TABLE replica_beats (
  node    uuid   PRIMARY KEY,               -- made anew at each start, so that a copy of this database has none of a node's beats
  beat    bigint NOT NULL,
  time_ms bigint NOT NULL
);
