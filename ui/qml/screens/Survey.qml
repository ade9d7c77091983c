pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// One question of at most three. Nothing of it belongs to a report; leaving it out is one touch, always in one place.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property var options: body.options ?? []
    readonly property var chosen: body.chosen ?? []
    readonly property string key: "survey." + body.question_key
    readonly property var faces: ({
            "very_good": "laugh",
            "good": "smile",
            "fair": "meh",
            "bad": "frown",
            "very_bad": "angry"
        })
    readonly property bool isLast: body.number === body.count
    readonly property bool rates: options.length > 0 && options.every(option => option in faces)
    readonly property bool across: rates && !page.upright && !Theme.enlarged  // five faces side by side

    backTouch: Bridge.state.can_back ? "back" : ""
    counts: false
    hasBack: false  // its place belongs to Skip
    hasSkip: true
    help: Words.text(body.several === true ? "survey.help_several" : "survey.help")
    nextIcon: isLast ? "check" : "arrow-right"
    nextText: Words.text(isLast ? "survey.finish" : "button.next")
    place: Words.fill("survey.place", {
        "count": body.count ?? 1,
        "number": body.number ?? 1
    })
    steadySkip: true
    title: body.question_key === undefined ? "" : Words.text(key)

    GridLayout {
        columnSpacing: Theme.gap
        columns: page.across ? page.options.length : page.rates || Theme.growth > 1.5 ? 1 : 2
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        Repeater {
            model: page.options

            RatingTile {
                required property string modelData

                Layout.fillHeight: true
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                iconName: page.faces[modelData] ?? ""
                objectName: "rate:" + modelData
                selected: page.chosen.indexOf(modelData) >= 0
                several: page.body.several === true
                text: Words.text(page.key + "." + modelData)
                upright: page.across

                onAct: Bridge.visit.rate(modelData)
            }
        }
    }
}
