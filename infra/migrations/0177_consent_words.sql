-- Who said a consent: the person, or who represents the person (NULL: the person).
ALTER TABLE registry.consent ADD COLUMN representation_id uuid;
-- How the consent a request of the state service rests on is given: by the code of the SMS, or by a reply to it (App.2
-- row 8); it is recorded in the registry when the document is taken (NULL: a request of the release before).
ALTER TABLE egov.service_request ADD COLUMN consent_proof text CHECK (consent_proof IN ('OTP', 'SMS'));
