pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// For someone who cannot speak or hear: written ways to help, and a card to show.
Page {
    id: page

    hasNext: true
    help: Words.text("deaf_help.help")
    nextText: Words.text("button.deaf_go_on")
    title: Words.text("deaf_help.title")

    Label {
        bold: true
        even: true
        size: Theme.headingText
        text: Words.text("deaf_help.emergency_title")
        width: parent.width
    }
    Column {
        spacing: Theme.mm(1.5)
        width: parent.width

        StepLine {
            iconName: "message-square-text"
            text: Words.text("deaf_help.sms")
            width: parent.width
        }
        StepLine {
            iconName: "smartphone"
            text: Words.text("deaf_help.app")
            width: parent.width
        }
    }
    Label {
        bold: true
        even: true
        size: Theme.headingText
        text: Words.text("deaf_help.officer")
        width: parent.width
    }
    Card {
        width: parent.width

        Icon {
            colour: Theme.accent
            name: "ear-off"
            size: Theme.mm(18)
        }
        Repeater {
            // Whoever is asked reads one of the two official languages.
            model: Words.language === "zh-Hant" || Words.language === "en" ? ["zh-Hant", "en"] : ["zh-Hant", "en", Words.language]

            Label {
                required property string modelData

                bold: true
                even: true
                font.family: Theme.familyOf(modelData)
                size: Theme.mm(13 * Theme.headGrowth)
                text: Words.spoken(modelData, "deaf_help.card")
                width: page.contentWidth - Theme.mm(22)
            }
        }
    }
}
