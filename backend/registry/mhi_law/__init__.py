"""The figures of the insurance law as rows: read by everybody, entered by the registrar's signature."""
