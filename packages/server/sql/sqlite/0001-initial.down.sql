-- Everything that the installation holds is gone behind this.

DROP TABLE usage_hours;
DROP TABLE dead_letters;
DROP TABLE consumers;
DROP TABLE command_keys;
DROP TABLE member_intervals;
DROP TABLE members;
DROP TABLE events;
DROP TABLE streams;
DROP TABLE direct_pairs;
DROP TABLE conversations;
DROP TABLE users;
DROP TABLE api_keys;
DROP TABLE apps;
DROP TABLE tenants;
DROP TABLE store;
