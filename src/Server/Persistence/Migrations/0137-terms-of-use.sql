-- Of what is paid by use: the version of the plan by whose prices it is billed when it comes to its end.
ALTER TABLE reservations ADD COLUMN plan_id text;

ALTER TABLE reservations ADD COLUMN plan_version integer;
