-- The document each definition of a defect comes from: the classifier of the rules 321/2020, or a sandbox's own.
ALTER TABLE payments.defect_code ADD COLUMN basis text CHECK (basis <> '');
