-- signing: the seal of a sole proprietor's number is named as every seal is, and may be made anew with the rest
-- (`saqtau registry rekey`).
ALTER TABLE signing.session RENAME COLUMN sole TO sole_sealed;
GRANT UPDATE (sole_sealed) ON signing.session TO saqtau_signing;
