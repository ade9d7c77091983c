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
            "5": "laugh",
            "4": "smile",
            "3": "meh",
            "2": "frown",
            "1": "angry",
            "very_good": "laugh",
            "good": "smile",
            "fair": "meh",
            "poor": "frown",
            "very_poor": "angry",
            "very_easy": "laugh",
            "easy": "smile",
            "neither": "meh",
            "hard": "frown",
            "very_hard": "angry"
        })
    readonly property bool rates: options.length > 0 && options.every(option => option in faces)
    readonly property bool across: rates && !page.upright && !Theme.enlarged  // five faces side by side

    hasBack: false
    hasSkip: true
    help: Words.text(body.several === true ? "survey.help_several" : "survey.help")
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
