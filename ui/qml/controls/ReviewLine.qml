pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// One answer on the review page.
Item {
    id: line

    property string label: ""
    property var lines: []
    property string target: ""
    readonly property bool stacked: Theme.enlarged
    readonly property int labelWidth: stacked ? width - change.width - Theme.gap : Math.round(width * 0.27)

    implicitHeight: Math.max(stacked ? values.y + values.implicitHeight : Math.max(name.implicitHeight, values.implicitHeight), change.height - 2 * Theme.mm(6) + Theme.mm(3.3)) + 2 * Theme.mm(6)

    Label {
        id: name

        color: Theme.muted
        even: true
        size: Theme.supportText
        text: line.label
        width: line.labelWidth
        y: Theme.mm(6)
    }
    Column {
        id: values

        spacing: Theme.mm(0.5)
        width: line.stacked ? line.width : line.width - x - change.width - Theme.gap
        x: line.stacked ? 0 : line.labelWidth + Theme.gap
        y: line.stacked ? name.y + Math.max(name.implicitHeight, change.height - change.overhang) : Theme.mm(6)

        Repeater {
            model: line.lines

            Label {
                required property string modelData

                even: true
                size: Theme.supportText
                text: modelData
                width: values.width
            }
        }
    }
    LinkButton {
        id: change

        readonly property int overhang: Math.max(0, (height - implicitContentHeight) / 2)

        anchors.right: parent.right
        anchors.rightMargin: -Theme.mm(3)
        iconName: "pencil"
        objectName: "change:" + line.target
        say: Words.fill("review.change_say", {
            "label": line.label
        })
        text: Words.text("button.change")
        y: name.y - overhang

        onAct: Bridge.visit.change(line.target)
    }
    Rectangle {
        anchors.bottom: parent.bottom
        color: Theme.divider
        height: Theme.hairline
        width: parent.width
    }
}
