pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"
import "Dates.js" as Dates

// A day of a month. Where years are far away, as for a birthday, the year is asked first, then the month.
// Days that the field does not take cannot be touched.
Column {
    id: picker

    property string value: ""
    property string earliest: ""
    property string latest: ""
    readonly property string today: Dates.today()
    readonly property string first: earliest === "" ? "1900-01-01" : earliest
    readonly property string last: latest === "" ? "2099-12-31" : latest
    readonly property bool farAway: Number(last.slice(0, 4)) - Number(first.slice(0, 4)) > 5
    property bool recent: false  // what is asked for was mostly lately
    property string asks: farAway && !recent && value === "" ? "year" : "day"
    property string month: (value !== "" ? value : today < first ? first : today < last ? today : last).slice(0, 7)
    readonly property int likelyYear: {
        const lastYear = Number(last.slice(0, 4)), lifetime = lastYear - 30;
        if (value !== "")
            return Number(value.slice(0, 4));
        return recent || Number(first.slice(0, 4)) > lifetime ? lastYear : lifetime;
    }
    property int firstYear: Dates.pageOfYears(likelyYear)
    readonly property string year: month.slice(0, 4)
    readonly property int gap: Theme.mm(3)

    signal edited(string value)

    function takes(from: string, to: string): bool {
        return to >= first && from <= last;
    }
    function monthWord(number: int): string {
        return Words.text("when.month_" + number);
    }

    spacing: Theme.mm(3.5)

    onValueChanged: {
        if (value !== "")
            month = value.slice(0, 7);
    }

    Item {
        height: Math.max(Theme.target, heading.implicitHeight)
        width: parent.width

        StepKey {
            id: back

            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
            enabled: picker.asks === "day" ? Dates.plusMonths(picker.month, -1) >= picker.first.slice(0, 7) : picker.firstYear > Number(picker.first.slice(0, 4))
            iconName: "chevron-left"
            objectName: picker.asks === "day" ? "month:previous" : "years:previous"
            say: Words.text(picker.asks === "day" ? "when.previous_month" : "when.previous_years")
            visible: picker.asks !== "month"

            onAct: {
                if (picker.asks === "day")
                    picker.month = Dates.plusMonths(picker.month, -1);
                else
                    picker.firstYear -= Dates.yearsOfPage;
            }
        }
        PickTile {
            id: heading

            anchors.centerIn: parent
            enabled: picker.farAway && picker.asks !== "year"
            implicitHeight: Math.max(Theme.target, implicitContentHeight + topPadding + bottomPadding)
            objectName: "date:heading"
            plain: !enabled
            size: Theme.mm(10 * Theme.headGrowth)
            strong: true
            text: picker.asks === "year" ? Words.text("when.choose_year") : picker.asks === "month" ? picker.year : Words.fill("when.month_title", {
                "year": picker.year,
                "month": picker.monthWord(Number(picker.month.slice(5)))
            })
            width: parent.width - 2 * back.width - 2 * Theme.gap

            onAct: picker.asks = "year"
        }
        StepKey {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            enabled: picker.asks === "day" ? Dates.plusMonths(picker.month, 1) <= picker.last.slice(0, 7) : picker.firstYear + Dates.yearsOfPage <= Number(picker.last.slice(0, 4))
            iconName: "chevron-right"
            objectName: picker.asks === "day" ? "month:next" : "years:next"
            say: Words.text(picker.asks === "day" ? "when.next_month" : "when.next_years")
            visible: picker.asks !== "month"

            onAct: {
                if (picker.asks === "day")
                    picker.month = Dates.plusMonths(picker.month, 1);
                else
                    picker.firstYear += Dates.yearsOfPage;
            }
        }
    }
    Loader {
        sourceComponent: picker.asks === "year" ? years : picker.asks === "month" ? months : days
        width: parent.width
    }

    Component {
        id: years

        Grid {
            columnSpacing: picker.gap
            columns: 5
            rowSpacing: picker.gap

            Repeater {
                model: Dates.yearsOfPage

                PickCell {
                    required property int index
                    readonly property string year: String(picker.firstYear + index)

                    enabled: picker.takes(year + "-01-01", year + "-12-31")
                    objectName: "year:" + year
                    selected: picker.value.slice(0, 4) === year
                    text: year
                    width: (picker.width - 4 * picker.gap) / 5

                    onAct: {
                        picker.month = year + picker.month.slice(4);
                        picker.asks = "month";
                    }
                }
            }
        }
    }
    Component {
        id: months

        Grid {
            columnSpacing: picker.gap
            columns: 3
            rowSpacing: picker.gap

            Repeater {
                model: 12

                PickCell {
                    required property int index
                    readonly property string month: picker.year + "-" + Dates.pad(index + 1)

                    enabled: picker.takes(month + "-01", month + "-31")
                    objectName: "month:" + month
                    selected: picker.value.slice(0, 7) === month
                    text: picker.monthWord(index + 1)
                    width: (picker.width - 2 * picker.gap) / 3

                    onAct: {
                        picker.month = month;
                        picker.asks = "day";
                    }
                }
            }
        }
    }
    Component {
        id: days

        Grid {
            id: calendar

            readonly property real cellWidth: (width - 6 * picker.gap) / 7

            columnSpacing: picker.gap
            columns: 7
            rowSpacing: picker.gap

            Repeater {
                model: 7

                Label {
                    required property int index

                    color: Theme.muted
                    horizontalAlignment: Text.AlignHCenter
                    size: Math.min(Theme.captionText, Theme.mm(9))
                    text: Words.text("when.weekday_" + index)
                    width: calendar.cellWidth
                }
            }
            Repeater {
                model: Dates.days(picker.month)

                PickCell {
                    required property string modelData
                    readonly property bool real: modelData !== ""

                    enabled: real && picker.takes(modelData, modelData)
                    marked: modelData === picker.today
                    objectName: "day:" + modelData
                    opacity: real ? 1 : 0
                    say: real ? Words.fill("when.date_line", {
                        "weekday": Words.text("when.weekday_" + Dates.weekday(modelData)),
                        "day": String(Number(modelData.slice(8))),
                        "month": picker.monthWord(Number(modelData.slice(5, 7)))
                    }) : ""
                    selected: real && modelData === picker.value
                    text: real ? String(Number(modelData.slice(8))) : ""
                    width: calendar.cellWidth

                    onAct: picker.edited(modelData)
                }
            }
        }
    }
}
