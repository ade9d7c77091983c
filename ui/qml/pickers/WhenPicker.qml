pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"
import "Dates.js" as Dates

// When it happened: how sure one is, the day, and the time. Only what is asked next lies open.
Column {
    id: picker

    property var value: null
    property string earliest: ""
    property string latest: ""

    // What the visit may not yet take, because it is not whole, lives here.
    property var answer: ({})
    property string part: "from"
    property bool calendar: false

    readonly property Echo echo: Echo {}
    readonly property string certainty: answer.certainty ?? ""
    readonly property bool between: certainty === "between"
    readonly property string dayKey: between && part === "until" ? "until_date" : "date"
    readonly property string timeKey: between && part === "until" ? "until_time" : "time"
    readonly property string day: answer[dayKey] ?? ""
    readonly property string today: latest !== "" && latest < Dates.today() ? latest : Dates.today()
    readonly property string yesterday: Dates.plusDays(today, -1)
    readonly property int columns: Theme.growth > 1.5 && width < Theme.mm(320) ? 1 : 3

    signal edited(var value)

    function dateLine(day: string): string {
        return day === "" ? "" : Words.fill("when.date_line", {
            "weekday": Words.text("when.weekday_" + Dates.weekday(day)),
            "day": String(Number(day.slice(8))),
            "month": Words.text("when.month_" + Number(day.slice(5, 7)))
        });
    }
    function momentLine(day: string, time: string): string {
        return [dateLine(day), time].filter(text => text !== "").join("  ");
    }
    function put(changes: var): void {
        const whole = Object.assign({}, answer, changes);
        const sorted = {};  // as the visit gives it back
        Object.keys(whole).sort().forEach(key => sorted[key] = whole[key]);
        answer = sorted;
        echo.sent(answer);
        edited(answer);
    }
    function beSure(certainty: string): void {
        calendar = false;
        part = "from";
        put({
            "certainty": certainty
        });
    }
    function putDay(day: string): void {
        calendar = false;
        const changes = {};
        changes[dayKey] = day;
        put(changes);
    }
    function putTime(time: string): void {
        const changes = {};
        changes[timeKey] = time;
        put(changes);
    }
    function adopt(): void {
        if (value && value.certainty && echo.isNews(value))
            answer = value;
    }

    spacing: Theme.mm(5)

    Component.onCompleted: adopt()
    onValueChanged: adopt()

    Grid {
        id: sureness

        readonly property real tallest: Math.max(0, ...children.map(tile => tile.implicitHeight))

        columnSpacing: Theme.gap
        columns: picker.columns
        rowSpacing: Theme.gap
        width: parent.width

        Repeater {
            model: ["exact", "between", "unknown"]

            PickTile {
                required property string modelData

                height: picker.columns === 1 ? implicitHeight : sureness.tallest
                objectName: "when:certainty:" + modelData
                selected: picker.certainty === modelData
                text: Words.text("when." + modelData)
                width: (sureness.width - (picker.columns - 1) * Theme.gap) / picker.columns

                onAct: picker.beSure(modelData)
            }
        }
    }
    Row {
        id: ends

        readonly property real tallest: Math.max(0, ...children.map(tile => tile.implicitHeight))

        spacing: Theme.gap
        visible: picker.between
        width: parent.width

        Repeater {
            model: ["from", "until"]

            PickTile {
                required property string modelData
                readonly property bool first: modelData === "from"

                height: ends.tallest
                hint: picker.momentLine(picker.answer[first ? "date" : "until_date"] ?? "", picker.answer[first ? "time" : "until_time"] ?? "") || Words.text("when.not_yet")
                objectName: "when:part:" + modelData
                selected: picker.part === modelData
                text: Words.text("when." + modelData)
                width: (picker.width - Theme.gap) / 2

                onAct: {
                    picker.part = modelData;
                    picker.calendar = false;
                }
            }
        }
    }
    Grid {
        id: days

        readonly property real tallest: Math.max(0, ...children.map(tile => tile.implicitHeight))

        columnSpacing: Theme.gap
        columns: picker.columns
        rowSpacing: Theme.gap
        visible: picker.certainty === "exact" || picker.between
        width: parent.width

        PickTile {
            enabled: picker.earliest === "" || picker.today >= picker.earliest
            height: picker.columns === 1 ? implicitHeight : days.tallest
            hint: picker.dateLine(picker.today)
            objectName: "day:today"
            selected: !picker.calendar && picker.day === picker.today
            text: Words.text("when.today")
            width: (days.width - (picker.columns - 1) * Theme.gap) / picker.columns

            onAct: picker.putDay(picker.today)
        }
        PickTile {
            enabled: picker.earliest === "" || picker.yesterday >= picker.earliest
            height: picker.columns === 1 ? implicitHeight : days.tallest
            hint: picker.dateLine(picker.yesterday)
            objectName: "day:yesterday"
            selected: !picker.calendar && picker.day === picker.yesterday
            text: Words.text("when.yesterday")
            width: (days.width - (picker.columns - 1) * Theme.gap) / picker.columns

            onAct: picker.putDay(picker.yesterday)
        }
        PickTile {
            readonly property bool taken: picker.day !== "" && picker.day !== picker.today && picker.day !== picker.yesterday

            height: picker.columns === 1 ? implicitHeight : days.tallest
            hint: taken ? picker.dateLine(picker.day) : Words.text("when.calendar")
            objectName: "day:earlier"
            selected: taken || picker.calendar
            text: Words.text("when.earlier")
            width: (days.width - (picker.columns - 1) * Theme.gap) / picker.columns

            onAct: picker.calendar = !picker.calendar
        }
    }
    Loader {
        active: picker.calendar && days.visible
        visible: active
        width: parent.width

        sourceComponent: DatePicker {
            earliest: picker.earliest
            latest: picker.today
            recent: true
            value: picker.day

            onEdited: value => picker.putDay(value)
        }
    }
    Loader {
        active: days.visible && !picker.calendar && picker.day !== ""
        visible: active
        width: parent.width

        sourceComponent: TimePicker {
            value: picker.answer[picker.timeKey] ?? ""

            onEdited: value => picker.putTime(value)
        }
    }
}
