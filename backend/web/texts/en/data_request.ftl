# Requests to state bodies for data.
DATA_REQUEST_UNKNOWN = There is no such request
    .do = Check its number in the list: /data-requests.
DATA_REQUEST_PERSONAL = The text holds a personal number
    .do = Take the number out: whose data are wanted is written in the enclosure.
DATA_REQUEST_ANSWERED = This request has been answered
    .do = If more data are wanted, register a new request.
DATA_REQUEST_DATES = The day of the answer is wrong
    .do = Give a day not before the request and not after today.
