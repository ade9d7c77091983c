pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// A car from above, its nose at the top. Each zone is a button; a marked one has a tick and a thick edge.
Item {
    id: car

    property string name: ""
    property var options: []
    property var chosen: []
    readonly property int gap: Theme.mm(3.2)
    readonly property int column: Math.floor((body.width - 2 * Theme.mm(4) - 2 * gap) / 3)
    readonly property int corner: Theme.mm(34)
    readonly property int cabin: Theme.mm(66)
    readonly property int firstRow: body.y + Theme.mm(5)
    readonly property int firstColumn: body.x + Theme.mm(4)
    // column, row, columns, rows of each zone
    readonly property var places: ({
            "front_left": [0, 0],
            "front": [1, 0],
            "front_right": [2, 0],
            "left": [0, 1],
            "roof": [1, 1],
            "right": [2, 1],
            "rear_left": [0, 2],
            "rear": [1, 2],
            "rear_right": [2, 2],
            "underneath": [0, 3]
        })

    signal touched(string zone)

    function labelOf(zone: string): string {
        const option = options.find(each => each.value === zone);
        return option === undefined ? "" : option.label;
    }

    implicitHeight: below.y + below.height + Theme.mm(1)

    Column {
        id: nose

        anchors.horizontalCenter: parent.horizontalCenter
        spacing: 0

        Icon {
            anchors.horizontalCenter: parent.horizontalCenter
            colour: Theme.muted
            name: "chevron-up"
            size: Theme.mm(9)
        }
        Label {
            anchors.horizontalCenter: parent.horizontalCenter
            bold: true
            color: Theme.muted
            size: Theme.mm(8.8 * Theme.headGrowth)
            text: car.labelOf("front")
        }
    }
    Repeater {
        // wheels: left and right, front and rear
        model: [[0, 0], [1, 0], [0, 1], [1, 1]]

        Rectangle {
            required property var modelData

            color: Theme.contrast ? Theme.divider : Theme.band
            height: Theme.mm(25)
            radius: Theme.mm(3)
            width: Theme.mm(11)
            x: modelData[0] === 0 ? body.x - Theme.mm(3.5) : body.x + body.width - width + Theme.mm(3.5)
            y: modelData[1] === 0 ? body.y + Theme.mm(14) : body.y + body.height - height - Theme.mm(14)
        }
    }
    Rectangle {
        id: body

        border.color: Theme.outline
        border.width: Theme.line
        color: Theme.contrast ? "#1F1F1F" : Theme.softPressed
        height: 2 * car.corner + car.cabin + 2 * car.gap + 2 * Theme.mm(5)
        radius: Theme.mm(17)
        width: parent.width - 2 * Theme.mm(4)
        x: Theme.mm(4)
        y: nose.implicitHeight + Theme.mm(2)
    }
    Repeater {
        model: Object.keys(car.places).filter(zone => zone !== "underneath" && car.labelOf(zone) !== "")

        CarZone {
            required property string modelData
            readonly property var place: car.places[modelData]

            height: place[1] === 1 ? car.cabin : car.corner
            label: car.labelOf(modelData)
            marked: car.chosen.indexOf(modelData) >= 0
            name: car.name
            radius: Theme.mm(place[1] === 1 || place[0] === 1 ? 4 : 11)
            glass: modelData === "roof"
            width: car.column
            x: car.firstColumn + place[0] * (car.column + car.gap)
            y: car.firstRow + (place[1] === 0 ? 0 : place[1] === 1 ? car.corner + car.gap : car.corner + car.cabin + 2 * car.gap)
            zone: modelData

            onAct: car.touched(modelData)
        }
    }
    CarZone {
        id: below

        height: Math.max(Theme.mm(24), implicitHeight)
        label: car.labelOf("underneath")
        marked: car.chosen.indexOf("underneath") >= 0
        name: car.name
        radius: Theme.mm(4)
        visible: label !== ""
        width: body.width
        words: label
        x: body.x
        y: body.y + body.height + Theme.mm(4)
        zone: "underneath"

        onAct: car.touched("underneath")
    }
}
