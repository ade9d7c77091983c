.pragma library

// Days as "YYYY-MM-DD". Counted in UTC, so that no time zone and no clock change can move a day.

function parse(day) {
    return /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(day + "T00:00:00Z") : null;
}

function format(date) {
    return date.toISOString().slice(0, 10);
}

function plusDays(day, count) {
    const date = parse(day);
    date.setUTCDate(date.getUTCDate() + count);
    return format(date);
}

// "YYYY-MM", `count` months later.
function plusMonths(month, count) {
    const date = parse(month + "-01");
    date.setUTCMonth(date.getUTCMonth() + count);
    return format(date).slice(0, 7);
}

function weekday(day) {
    return parse(day).getUTCDay();
}

// The cells of a month's calendar, Sunday first; empty before the first day.
function days(month) {
    const first = month + "-01";
    const length = Number(plusDays(plusMonths(month, 1) + "-01", -1).slice(8));
    const cells = Array(weekday(first)).fill("");
    for (let day = 0; day < length; day++)
        cells.push(plusDays(first, day));
    return cells;
}

const yearsOfPage = 20;

// The first year of the page that holds `year`.
function pageOfYears(year) {
    return Math.floor(year / yearsOfPage) * yearsOfPage;
}

function today() {
    const now = new Date();
    return format(new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())));
}

function pad(number) {
    return String(number).padStart(2, "0");
}

// "HH:MM", `count` minutes later, within the same day.
function plusMinutes(time, count) {
    const minutes = (Number(time.slice(0, 2)) * 60 + Number(time.slice(3)) + count + 1440) % 1440;
    return pad(Math.floor(minutes / 60)) + ":" + pad(minutes % 60);
}
