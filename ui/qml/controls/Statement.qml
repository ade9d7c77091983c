pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// Paragraphs of a legal text; says so while the force has not approved them.
Column {
    id: statement

    property var paragraphs: []
    property bool needsSignOff: false
    property string signOff: ""

    spacing: Theme.mm(6.6)

    NoticeLine {
        iconName: "pen-line"
        text: statement.signOff
        visible: statement.needsSignOff
        width: parent.width
    }
    Repeater {
        model: statement.paragraphs

        Label {
            required property string modelData

            even: true
            size: Theme.bodyText
            text: modelData
            width: statement.width
        }
    }
}
