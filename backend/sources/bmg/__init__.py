"""The Mobile Citizens Base (BMG): which subscriber number belongs to whom (domain 7.1, row 7)."""
