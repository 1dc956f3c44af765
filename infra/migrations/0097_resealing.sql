-- Sealing everything anew under another key, also what is otherwise never changed: a seal may be
-- replaced, and nothing beside it. Whoever can write a wrong seal gains nothing: it does not open.

CREATE FUNCTION kernel.refuse_change_but_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND to_jsonb(OLD) - TG_ARGV[0] = to_jsonb(NEW) - TG_ARGV[0]
       AND to_jsonb(NEW) ->> TG_ARGV[0] IS NOT NULL
       AND to_jsonb(OLD) ->> TG_ARGV[0] IS NOT NULL
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of %.% are never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- The next seals that do not begin with `mark`, in the order of the key, from behind `after`.
CREATE FUNCTION kernel.seals_due(
    of regclass, sealed text, key text[], after text[], mark bytea, at_most integer
) RETURNS TABLE (place text[], seal bytea) LANGUAGE plpgsql STABLE AS $$
DECLARE
    columns text;
    texts   text;
    from_   text;
BEGIN
    SELECT string_agg(format('%I', k), ', ' ORDER BY n),
           string_agg(format('%I::text', k), ', ' ORDER BY n),
           string_agg(format('($1[%s])::%s', n, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY n)
      INTO columns, texts, from_
      FROM unnest(key) WITH ORDINALITY AS u (k, n)
      JOIN pg_attribute a ON a.attrelid = of AND a.attname = k;
    RETURN QUERY EXECUTE format(
        'SELECT ARRAY[%s], %I FROM %s WHERE %I IS NOT NULL AND substring(%I FOR 5) <> $2 %s '
        'ORDER BY %s LIMIT $3',
        texts, sealed, of, sealed, sealed,
        CASE WHEN after IS NULL THEN '' ELSE format('AND (%s) > (%s)', columns, from_) END,
        columns
    ) USING after, mark, at_most;
END $$;

-- Replaces the seals at these places, `[[key…], …]`, where they are still the ones that were read.
CREATE FUNCTION kernel.seals_replace(
    of regclass, sealed text, key text[], places jsonb, was bytea[], new bytea[]
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    same     text;
    replaced integer;
BEGIN
    SELECT string_agg(
               format('t.%I = (p.place ->> %s)::%s', k, n - 1, format_type(a.atttypid, a.atttypmod)),
               ' AND ' ORDER BY n)
      INTO same
      FROM unnest(key) WITH ORDINALITY AS u (k, n)
      JOIN pg_attribute a ON a.attrelid = of AND a.attname = k;
    EXECUTE format(
        'UPDATE %s AS t SET %I = s.new '
        'FROM jsonb_array_elements($1) WITH ORDINALITY AS p (place, n) '
        'JOIN unnest($2, $3) WITH ORDINALITY AS s (was, new, n) USING (n) '
        'WHERE %s AND t.%I = s.was',
        of, sealed, same, sealed
    ) USING places, was, new;
    GET DIAGNOSTICS replaced = ROW_COUNT;
    RETURN replaced;
END $$;

CREATE FUNCTION kernel.seals_used(of regclass, sealed text)
RETURNS TABLE (mark bytea, seals bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT substring(%I FOR 5), count(*) FROM %s WHERE %I IS NOT NULL GROUP BY 1',
        sealed, of, sealed
    );
END $$;

DROP TRIGGER evidence_append_only ON signing.evidence;
CREATE TRIGGER evidence_append_only BEFORE UPDATE ON signing.evidence
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change_but_seal('seal');
CREATE TRIGGER evidence_kept BEFORE DELETE OR TRUNCATE ON signing.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
DROP TRIGGER extract_append_only ON registry.extract;
CREATE TRIGGER extract_append_only BEFORE UPDATE ON registry.extract
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change_but_seal('sealed');
CREATE TRIGGER extract_never_deleted BEFORE DELETE ON registry.extract
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
DROP TRIGGER organisation_version_append_only ON registry.organisation_version;
CREATE TRIGGER organisation_version_append_only BEFORE UPDATE ON registry.organisation_version
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change_but_seal('sealed');
CREATE TRIGGER organisation_version_kept BEFORE DELETE OR TRUNCATE ON registry.organisation_version
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
-- A held run stands as before (0085), but for its seal.
DROP TRIGGER brake_hold_stands ON registry.brake_hold;
CREATE TRIGGER brake_hold_stands BEFORE UPDATE ON registry.brake_hold
    FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.sealed IS NOT DISTINCT FROM NEW.sealed)
    EXECUTE FUNCTION registry.brake_hold_stands();
CREATE TRIGGER brake_hold_resealed BEFORE UPDATE ON registry.brake_hold
    FOR EACH ROW WHEN (OLD.status = NEW.status AND OLD.sealed IS DISTINCT FROM NEW.sealed)
    EXECUTE FUNCTION kernel.refuse_change_but_seal('sealed');

GRANT UPDATE (seal) ON signing.evidence TO saqtau_signing;
GRANT UPDATE (sealed) ON registry.extract, registry.organisation_version, registry.state_event,
    registry.brake_hold, registry.insured_list_part, registry.contribution_piece,
    registry.contribution_stage TO saqtau_registry;
GRANT UPDATE (private_sealed) ON registry.log_key TO saqtau_registry;
