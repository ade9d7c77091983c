pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// The end of a report: the number, the paper, what happens next.
Page {
    id: page

    readonly property var body: Bridge.state.body

    function inFours(digits: string): string {
        return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
    }

    help: ""
    nextIcon: "check"
    nextText: Words.text("button.finish")
    nextTouch: "finish"
    hasBack: false
    hasNext: true
    title: Words.text("received.title")
    titleIcon: "circle-check"

    Card {
        width: parent.width

        Label {
            color: Theme.muted
            size: Theme.supportText
            text: Words.text("received.reference")
            width: parent.width
        }
        Label {
            objectName: "received:reference"
            Accessible.name: page.body.reference.split("").join(" ")
            bold: true
            size: Theme.mm(26 * (Theme.growth > 1.5 ? 1.22 : Theme.enlarged ? 1.15 : 1))
            text: page.inFours(page.body.reference)
            width: parent.width
        }
        Label {
            objectName: "received:official"
            color: page.body.official_number === "" ? Theme.muted : Theme.text
            size: Theme.supportText
            text: page.body.official_number === "" ? Words.text("received.official_later") : Words.fill("received.official", {
                "number": page.body.official_number
            })
            width: parent.width
        }
    }
    Paper {
        paper: page.body.paper
        printer: page.body.printer
        canReprint: page.body.can_reprint
        width: parent.width
    }
    Card {
        width: parent.width

        Item {
            height: Math.max(code.height, words.height)
            width: parent.width

            Rectangle {
                id: code

                color: "#FFFFFF"
                height: Theme.mm(46)
                width: height

                Image {
                    Accessible.name: Words.text("received.code_say")
                    Accessible.role: Accessible.Graphic
                    anchors.fill: parent
                    cache: false
                    smooth: false
                    source: "image://photos/code?" + page.body.reference
                }
            }
            Column {
                id: words

                anchors.left: code.right
                anchors.leftMargin: Theme.mm(8)
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                spacing: Theme.mm(2)

                Label {
                    bold: true
                    text: Words.text("received.code_title")
                    width: parent.width
                }
                Label {
                    color: Theme.muted
                    size: Theme.smallText
                    text: Words.text("received.code_help")
                    width: parent.width
                }
            }
        }
    }
    Label {
        bold: true
        size: Theme.headingText
        text: Words.text("received.next")
        topPadding: Theme.mm(2)
        visible: page.body.next_steps.length > 0
        width: parent.width
    }
    Repeater {
        model: page.body.next_steps

        StepLine {
            required property var modelData

            iconName: modelData.icon === "" ? "arrow-right" : modelData.icon
            text: modelData.text
            width: page.contentWidth
        }
    }
}
