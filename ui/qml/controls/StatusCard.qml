pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// How an earlier report stands, as the centre says it.
Card {
    id: card

    property var status: ({})
    readonly property var facts: [["number", status.official_number], ["received", status.received], ["updated", status.updated]].filter(fact => fact[1] !== "")

    Item {
        id: state

        height: Math.max(mark.height, words.implicitHeight)
        width: parent.width

        Icon {
            id: mark

            anchors.verticalCenter: parent.verticalCenter
            colour: Theme.accent
            name: ({
                    "accepted": "circle-check",
                    "in_progress": "clock",
                    "received": "mail"
                })[card.status.state] ?? "info"
            size: Theme.mm(17)
        }
        Label {
            id: words

            anchors.left: mark.right
            anchors.leftMargin: Theme.mm(6)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            bold: true
            even: true
            objectName: "status:state"
            size: Theme.headingText
            text: Words.text("status." + card.status.state)
        }
    }
    Label {
        even: true
        objectName: "status:words"
        text: card.status.words
        topPadding: Theme.mm(2)
        visible: text !== ""
        width: parent.width
    }
    Repeater {
        model: card.facts

        Label {
            required property var modelData

            color: Theme.muted
            even: true
            size: Theme.supportText
            text: Words.fill("report_status." + modelData[0], {
                "value": modelData[1]
            })
            width: state.width
        }
    }
}
