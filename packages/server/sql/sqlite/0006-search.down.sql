DROP INDEX members_former;
