-- egov: was the service there, minute by minute (M 39: 24/7)? Asked from outside the serving process, and public.
CREATE TABLE egov.availability_minute (
    minute   timestamptz PRIMARY KEY CHECK (extract(epoch FROM minute)::bigint % 60 = 0),
    answered boolean NOT NULL
);
GRANT SELECT, INSERT, DELETE ON egov.availability_minute TO saqtau_egov;
